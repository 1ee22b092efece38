/** A key as the key map names it. */
export interface Key {
  /** `k`, `K`, `space`, `enter`, `esc`, `tab`, `shift-tab`, `up`, `pgdn`, `ctrl-c`, `alt-b`, `paste`, … */
  readonly name: string;
  /** What it types; undefined for keys that type nothing. Of a paste it is the whole text. */
  readonly text: string | undefined;
}

/** A key as Node's `keypress` event tells it. */
export interface Keypress {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** Node's names that differ from ours. */
const NAMES: Readonly<Record<string, string>> = {
  return: "enter",
  escape: "esc",
  pageup: "pgup",
  pagedown: "pgdn",
};

/** A keypress of Node's as a key; undefined for what is none, such as a report of the terminal. */
export function keyOf(text: string | undefined, { name, sequence, ctrl, meta, shift }: Keypress): Key | undefined {
  const known = name === undefined ? undefined : (NAMES[name] ?? name);
  const isText = text !== undefined && /^\P{C}+$/u.test(text);
  if (ctrl === true) return known === undefined ? undefined : { name: `ctrl-${known}`, text: undefined };
  if (known === "esc") return { name: "esc", text: undefined };
  if (meta === true) return known === undefined ? undefined : { name: `alt-${known.toLowerCase()}`, text: undefined };
  if (isText) return { name: text === " " ? "space" : text, text };
  if (known === undefined || sequence === undefined) return undefined;
  return { name: shift === true ? `shift-${known}` : known, text: undefined };
}

/** Puts the keys of a paste together: between its marks nothing is a command. */
export class PasteCollector {
  #pasted: string[] | undefined;

  /** The next keypress; returns the key that is complete with it, if one is. */
  push(text: string | undefined, keypress: Keypress): Key | undefined {
    if (keypress.name === "paste-start") {
      this.#pasted = [];
      return undefined;
    }
    if (keypress.name === "paste-end") {
      const pasted = this.#pasted?.join("") ?? "";
      this.#pasted = undefined;
      return pasted === "" ? undefined : { name: "paste", text: pasted };
    }
    if (this.#pasted === undefined) return keyOf(text, keypress);
    this.#pasted.push(keypress.sequence ?? text ?? "");
    return undefined;
  }
}
