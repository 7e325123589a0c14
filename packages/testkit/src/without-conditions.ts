import {
  OperationNodeTransformer,
  type DeleteQueryNode,
  type KyselyPlugin,
  type SelectQueryNode,
  type UpdateQueryNode,
} from 'kysely';

/** Takes the WHERE out of every query: what a query does whose author forgot it. What is left is row-level security. */
export function withoutConditions(): KyselyPlugin {
  const transformer = new ConditionRemover();
  return {
    transformQuery: ({ node }) => transformer.transformNode(node),
    transformResult: async ({ result }) => result,
  };
}

class ConditionRemover extends OperationNodeTransformer {
  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return unconditional(super.transformSelectQuery(node));
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    return unconditional(super.transformUpdateQuery(node));
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    return unconditional(super.transformDeleteQuery(node));
  }
}

function unconditional<Node extends { readonly where?: unknown }>(node: Node): Node {
  const { where: _forgotten, ...rest } = node;
  return rest as Node;
}
