/**
 * A mistake that someone could have made in the shipped source, and that the simulator must notice. It is planted in one
 * module of a test process while that is loaded (plant.ts); the source itself stays as it is.
 */
export interface SeededBug {
  /** Names it everywhere, in kebab-case. */
  readonly name: string;
  /** The mistake, and the promise that it breaks, in one sentence; so it is seen that the change has an effect at all. */
  readonly what: string;
  /** The module, relative to src. */
  readonly file: string;
  /** Text that the module contains exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * The source of a bug's module with the bug in it.
 * @throws Error when the text to be replaced is not there exactly once: the module has changed, and the bug must be adapted
 */
export function withBug(source: string, { name, file, find, replace }: SeededBug): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = source.split(find).length - 1;
    throw new Error(`Seeded bug ${name}: its text is ${times} times in src/${file}, and must be there once:\n${find}`);
  }
  return before + replace + after;
}
