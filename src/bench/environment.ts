/** This process's environment without what is meant for it alone: settings, and above all tokens. For whatever the bench starts. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RINGKV_")));
}
