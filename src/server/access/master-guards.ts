import type { SlaveId } from "../../protocol/ids.js";
import { RingkvError } from "../../protocol/errors.js";
import { slaveUri } from "../../protocol/roles.js";
import { describeIdentity, isAnyOf } from "../../transport/peer-identity.js";
import type { Connection } from "../../transport/transport.js";
import type { Log } from "../log.js";
import { PortGuard } from "./port-guard.js";
import { Refusals } from "./refusals.js";
import { Token } from "./token.js";

/** The secrets that a master asks for; a port whose own token is left out asks for none. */
export interface MasterTokens {
  readonly client?: string | undefined;
  /** Opens the client port, too. */
  readonly admin?: string | undefined;
}

/** Who may come in at each of a master's ports. */
export class MasterGuards {
  readonly client: PortGuard;
  readonly status: PortGuard;
  readonly #refusals: Refusals;

  constructor({ client, admin }: MasterTokens, log: Log) {
    const refusals = new Refusals(log);
    const adminTokens = admin === undefined ? [] : [new Token(admin)];
    const clientTokens = client === undefined ? adminTokens : [new Token(client), ...adminTokens];
    this.#refusals = refusals;
    this.client = new PortGuard({
      name: "client port",
      role: "client",
      tokens: clientTokens,
      isOpen: client === undefined,
      refusals,
    });
    this.status = new PortGuard({
      name: "status port",
      role: "admin",
      tokens: adminTokens,
      isOpen: admin === undefined,
      refusals,
    });
  }

  /**
   * A slave registers under this ID: where there are certificates, its own must be for it.
   * @throws RingkvError UNAUTHORIZED
   */
  expectSlave(connection: Connection, id: SlaveId): void {
    const { identity } = connection;
    const uri = slaveUri(id);
    if (identity === undefined || isAnyOf(identity, [uri])) return;
    this.#refusals.tell(connection, "registration port", `its certificate is not that of slave ${id}`);
    throw new RingkvError(
      "UNAUTHORIZED",
      `Slave ${id} must show a certificate for ${uri}. It has shown ${describeIdentity(identity)}.`,
    );
  }
}
