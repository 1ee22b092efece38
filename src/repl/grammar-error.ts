/** A line that is no sentence of the grammar. */
export class GrammarError extends Error {
  override readonly name = "GrammarError";
  /** The offending place in the line, in UTF-16 units. */
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}
