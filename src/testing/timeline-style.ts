/** The timeline's style sheet: light and dark, and readable without colour. */
export const TIMELINE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --stripe: #f6f8fa;
  --get: #dbe9fb; --put: #d8f0dd; --del: #f7e6c4; --wrong: #b3121d; --wrong-fill: #ffe1e1; --right: #146c2e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --ink: #e6edf3; --faint: #9aa5b1; --line: #313a45; --stripe: #161b22;
    --get: #1b3556; --put: #17402a; --del: #4c3a12; --wrong: #ff7b72; --wrong-fill: #5a1a1e; --right: #56d364;
  }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { padding: 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 0.5rem; }
h2 { font-size: 1.05rem; margin: 1.5rem 0 0.25rem; }
code, td, text, .names { font-family: ui-monospace, Menlo, Consolas, monospace; }
h1, p, li, td { overflow-wrap: anywhere; }
p { margin: 0.25rem 0; max-width: 60rem; }
.faint { color: var(--faint); }
.wrong { color: var(--wrong); font-weight: 700; }
.right { color: var(--right); font-weight: 700; }
a { color: inherit; }
.chart { display: flex; overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin-top: 0.75rem; }
.names { position: sticky; left: 0; z-index: 1; flex: none; max-width: 12rem; font-size: 12px; background: var(--page);
  border-right: 1px solid var(--line); }
.names div { box-sizing: border-box; padding: 6px 10px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg { flex: none; display: block; }
svg text { font-size: 11px; fill: var(--ink); }
svg .tick { fill: var(--faint); }
svg line { stroke: var(--line); }
.row { fill: var(--page); }
.row.odd, .names .odd { fill: var(--stripe); background: var(--stripe); }
.bar { stroke: var(--faint); stroke-width: 1; }
.get .bar { fill: var(--get); }
.put .bar { fill: var(--put); }
.del .bar { fill: var(--del); }
.failed .bar { fill: none; stroke-dasharray: 1 3; }
.failed text { fill: var(--faint); }
.unknown .bar { stroke-dasharray: 5 3; }
.unknown .open { stroke: var(--faint); stroke-dasharray: 5 3; }
.marked .bar { fill: var(--wrong-fill); stroke: var(--wrong); stroke-width: 2.5; }
.marked text { fill: var(--wrong); font-weight: 700; }
svg .moment { stroke: var(--wrong); stroke-dasharray: 2 4; }
table { border-collapse: collapse; margin-top: 0.5rem; font-size: 12px; }
th, td { text-align: left; padding: 2px 12px 2px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr.marked td { color: var(--wrong); font-weight: 700; }
.scroll { overflow-x: auto; }
`;
