/** What people call the master where a node is asked for. */
export const MASTER = "master";
