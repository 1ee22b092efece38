import { UsageError, type Values } from "../config.js";
import { LIMITS } from "../protocol/limits.js";
import type { MasterTokens } from "../server/access/master-guards.js";
import { TOKEN_VARIABLES } from "../server/access/token.js";
import { readSecretFile } from "./secret-file.js";
import type { MASTER_TOKENS, SECURITY } from "./settings.js";

/** Fewer characters could be guessed. */
const TOKEN_CHARS_MIN = 16;

/**
 * The tokens that a master asks for, from files or from the environment, which has none of them afterwards: what this process
 * starts does not inherit them.
 * @throws UsageError
 */
export function masterTokens({ clientTokenFile, adminTokenFile }: Values<typeof MASTER_TOKENS>): MasterTokens {
  const client = takeVariable(TOKEN_VARIABLES.client);
  const admin = takeVariable(TOKEN_VARIABLES.admin);
  return {
    client: clientTokenFile === undefined ? client : readToken(clientTokenFile),
    admin: adminTokenFile === undefined ? admin : readToken(adminTokenFile),
  };
}

/** The environment of a master that asks for these. */
export function tokenVariables({ client, admin }: MasterTokens): Readonly<Record<string, string>> {
  return {
    ...(client !== undefined && { [TOKEN_VARIABLES.client]: client }),
    ...(admin !== undefined && { [TOKEN_VARIABLES.admin]: admin }),
  };
}

/**
 * The token that a client shows: of its file, or else of the environment, the admin's before the client's.
 * @throws UsageError
 */
export function ownToken({ tokenFile }: Pick<Values<typeof SECURITY>, "tokenFile">): string | undefined {
  const admin = takeVariable(TOKEN_VARIABLES.admin);
  const client = takeVariable(TOKEN_VARIABLES.client);
  return tokenFile === undefined ? (admin ?? client) : readToken(tokenFile);
}

function readToken(path: string): string {
  return checked(readSecretFile(path).trimEnd(), path);
}

function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  Reflect.deleteProperty(process.env, name);
  return value === undefined || value === "" ? undefined : checked(value, name);
}

function checked(token: string, where: string): string {
  // Visible ASCII: what else there might be differs from editor to editor.
  if (/^[!-~]*$/.test(token) && token.length >= TOKEN_CHARS_MIN && token.length <= LIMITS.tokenCharsMax) return token;
  throw new UsageError(
    `${where} must hold a token: ${TOKEN_CHARS_MIN} to ${LIMITS.tokenCharsMax} characters of ASCII without blanks (\`openssl rand -hex 32\` makes a good one)`,
  );
}
