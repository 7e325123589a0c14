/** A part of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'section' | 'inverted'; readonly name: string; readonly body: TemplateNode[] }
  | PartialNode;

export interface PartialNode {
  readonly kind: 'partial';
  readonly name: string;
  /** What to put before each line of the partial: the white space its tag is indented by. */
  readonly indentation: string;
  /** Something else stands before the tag on its line: its first line is not indented. */
  readonly continues: boolean;
}
