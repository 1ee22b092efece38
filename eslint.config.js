// Typed rules for all TypeScript, and the house's import directions (ARCHITECTURE.md): each folder names what it may
// not reach, so a planted `import net from "node:net"` in the core fails the lint.
import tseslint from "typescript-eslint";

/** Folders under src and those of them each may import. `*` means any. */
const MAY_IMPORT = {
  protocol: [],
  core: ["protocol"],
  transport: ["protocol"],
  client: ["protocol", "transport"],
  server: ["protocol", "core", "transport", "client"],
  repl: ["protocol", "transport", "client", "bench"],
  tui: ["protocol", "client", "repl"],
  bench: ["protocol", "transport", "client"],
  testing: ["protocol", "client"],
  scenario: ["protocol", "client", "transport", "repl", "testing", "testing/cluster"],
  // Runs the daemons, in processes or in this one; what checks histories stays free of them.
  "testing/cluster": ["protocol", "transport", "client", "server"],
};

/** Node modules that belong to one place only: module → folders or files (relative to src) that may import it. */
const ONLY_IN = {
  // The load generator's own sockets do less than a transport does, so that it is not what is measured.
  "node:net": ["transport", "bench/generator", "bench/servers"],
  "node:tls": ["transport", "bench/generator"],
  "node:fs": [
    "server/storage",
    "repl/history.ts",
    "commands/check.ts",
    "commands/certificate-directory.ts",
    "commands/secret-file.ts",
    "config.ts",
    "bench",
  ],
  "node:fs/promises": [
    "server/storage",
    "repl/history.ts",
    "repl/script-file.ts",
    "repl/recorder.ts",
    "commands/check.ts",
    "commands/certificate-directory.ts",
    "config.ts",
    "bench",
  ],
  "node:child_process": ["server/supervisor", "bench", "commands/certificate-directory.ts"],
  // What the simulator runs in virtual time takes its timers from the globals.
  "node:timers": [],
  "node:timers/promises": ["client"],
};

const PURE = ["protocol", "core"];
const PURE_PACKAGES = { protocol: ["zod"], core: ["xxhash-wasm"] };

const folders = Object.keys(MAY_IMPORT);
const IMPURE_GLOBALS = [
  "Date",
  "performance",
  "process",
  "Buffer",
  "fetch",
  "console",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "crypto",
];

/** The rules against wrong imports, for one scope of files. */
function restrictImports(forbiddenFolders, forbiddenModules, message) {
  const patterns = [];
  if (forbiddenFolders.length > 0) {
    patterns.push({ regex: `^\\.{1,2}/(.*/)?(${forbiddenFolders.join("|")})/`, message });
  }
  if (forbiddenModules.length > 0) {
    patterns.push({ regex: `^(${forbiddenModules.join("|")})$`, message });
  }
  const dynamic = patterns.map(({ regex }) => ({
    selector: `ImportExpression > Literal[value=/${regex.replaceAll("/", "\\/")}/]`,
    message,
  }));
  return {
    "no-restricted-imports": ["error", { patterns }],
    "no-restricted-syntax": [
      "error",
      { selector: "ExportDefaultDeclaration", message: "No default exports: a thing has one name." },
      ...dynamic,
    ],
  };
}

/** Node modules that a path under src (such as "server/storage") may not import. */
function modulesForbiddenIn(path) {
  return Object.entries(ONLY_IN)
    .filter(([, homes]) => !homes.some((home) => path === home || path.startsWith(`${home}/`)))
    .map(([module]) => module);
}

const folderRules = folders.map((folder) => {
  const forbidden = folders.filter((other) => other !== folder && !MAY_IMPORT[folder].includes(other));
  const pure = PURE.includes(folder);
  const packages = PURE_PACKAGES[folder] ?? [];
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: {
      ...restrictImports(
        forbidden,
        pure ? [`(?!\\.|(?:${packages.join("|")})$).+`] : modulesForbiddenIn(folder),
        pure
          ? `src/${folder} is pure: it imports no I/O, no clock and nothing above it (ARCHITECTURE.md).`
          : `src/${folder} may not import this (import directions in ARCHITECTURE.md).`,
      ),
      ...(pure && {
        "no-restricted-globals": ["error", ...IMPURE_GLOBALS],
        "no-restricted-properties": ["error", { object: "Math", property: "random" }],
      }),
    },
  };
});

/** The places inside a folder that may import more than the folder itself. */
const homeRules = [...new Set(Object.values(ONLY_IN).flat())]
  .filter((home) => home.includes("/"))
  .map((home) => {
    const folder = home.split("/")[0];
    // A folder that is not in the table, such as commands, may import them all.
    const allowed = MAY_IMPORT[folder] ?? folders;
    const forbidden = folders.filter((other) => other !== folder && !allowed.includes(other));
    return {
      files: [`src/${home.endsWith(".ts") ? home : `${home}/**/*.{ts,tsx}`}`],
      rules: restrictImports(
        forbidden,
        modulesForbiddenIn(home),
        `src/${home} may not import this (import directions in ARCHITECTURE.md).`,
      ),
    };
  });

/** @type {import("eslint").Linter.Config[]} */
const config = [
  { ignores: ["dist/", ".tap/", "node_modules/", "coverage/", ".ringkv/"] },
  ...tseslint.configs.strictTypeChecked.map((layer) => ({ ...layer, files: ["**/*.{ts,tsx}"] })),
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "No default exports: a thing has one name." },
      ],
      eqeqeq: "error",
    },
  },
  ...folderRules,
  ...homeRules,
  {
    files: ["test/**/*.{ts,tsx}"],
    rules: { "@typescript-eslint/no-floating-promises": "off" },
  },
];

export default config;
