import { readFileSync } from "node:fs";

/**
 * One setting of a command. Flags, environment and config file all give its text to the one `parse`, so a wrong value is
 * refused alike wherever it stands.
 */
export interface Setting<Value> {
  readonly describe: string;
  /** A switch: its flag takes no argument. */
  readonly isSwitch?: true;
  /** The default as help shows it; without one the setting may be left out. */
  readonly fallbackText?: string;
  readonly fallback: Value;
  /** Undefined when the text is none of its values. */
  readonly parse: (text: string) => Value | undefined;
  /** What its values are, for the error: "a port, 0 to 65535". */
  readonly expected: string;
  /** Not in help. */
  readonly hidden?: true;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

export type Values<Of extends Settings> = {
  readonly [Name in keyof Of]: Of[Name] extends Setting<infer Value> ? Value : never;
};

/** Wrong flags, arguments, environment or config file: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Where settings come from, strongest first; all are keyed by camelCase names. */
export interface Sources {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile | undefined;
}

/** A config file as read: the settings it gives, and its path for errors. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Settles a command's settings: flags beat `RINGKV_*` environment, which beats the config file, which beats defaults.
 * What environment and file say about other commands' settings is ignored.
 *
 * @throws UsageError when a value is none of its setting's
 */
export function resolveSettings<Of extends Settings>(settings: Of, sources: Sources): Values<Of> {
  const values = Object.entries(settings).map(([name, setting]) => [name, resolveOne(name, setting, sources)]);
  return Object.fromEntries(values) as Values<Of>;
}

/** `clientPort` → `--client-port`. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** `clientPort` → `RINGKV_CLIENT_PORT`. */
export function envOf(name: string): string {
  return `RINGKV_${kebab(name).replaceAll("-", "_").toUpperCase()}`;
}

/**
 * Reads a config file: one flat JSON object whose names are those of the flags (`"client-port": 8080`; `clientPort` does too).
 *
 * @param known the names of all commands' settings; any other name is a typing error
 * @throws UsageError when the file cannot be read or is something else
 */
export function readConfigFile(path: string, known: ReadonlySet<string>): ConfigFile {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(readObject(path))) {
    const name = key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!known.has(name)) throw new UsageError(`${path}: there is no setting \`${key}\``);
    values.set(name, textOf(value, `${path}: \`${key}\``));
  }
  return { path, values };
}

function resolveOne(name: string, setting: Setting<unknown>, { flags, env, file }: Sources): unknown {
  const flag = flags[name];
  if (flag !== undefined) return parse(setting, textOf(flag, flagOf(name)), flagOf(name));
  const variable = env[envOf(name)];
  if (variable !== undefined && variable !== "") return parse(setting, variable, envOf(name));
  const entry = file?.values.get(name);
  if (entry !== undefined) return parse(setting, entry, `${file?.path ?? ""}: \`${kebab(name)}\``);
  return setting.fallback;
}

function parse(setting: Setting<unknown>, text: string, where: string): unknown {
  const value = setting.parse(text);
  if (value === undefined) throw new UsageError(`${where} must be ${setting.expected}, not ${JSON.stringify(text)}`);
  return value;
}

function textOf(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || (typeof value === "number" && !isRounded(value))) return value.toString();
  if (Array.isArray(value)) return value.map((item) => textOf(item, where)).join(",");
  if (typeof value === "number") throw new UsageError(`${where} is too large for a JSON number: write it as a string`);
  throw new UsageError(`${where} must be a string, a number or a list`);
}

/** JSON has already lost digits of such a number. */
function isRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function readObject(path: string): object {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`--config ${path}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new UsageError(`--config ${path}: it must hold one JSON object`);
  }
  return json;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
