/** A key as programs name it. */
export interface Key {
  /** `k`, `K`, `space`, `enter`, `esc`, `tab`, `shift-tab`, `up`, `pgdn`, `ctrl-c`, `ctrl-left`, `alt-b`, `paste`, … */
  readonly name: string;
  /** What it types; undefined for keys that type nothing. Of a paste it is the whole text, line ends as `\n`. */
  readonly text: string | undefined;
  /** Of `cursor-report`, the terminal's answer to the question where its cursor is: counted from 0. */
  readonly report?: { readonly row: number; readonly column: number };
}
