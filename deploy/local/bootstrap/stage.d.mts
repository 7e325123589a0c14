export declare function stage<Result>(
  name: string,
  work: (say: (text: string) => void) => Promise<Result>,
): Promise<Result>;
