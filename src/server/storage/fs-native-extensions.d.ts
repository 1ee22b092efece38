/** The part of fs-native-extensions that is used here; the package brings no types. */
declare module "fs-native-extensions" {
  /**
   * Takes an exclusive lock on the open file's byte range (Linux: an OFD lock) without waiting; false when another open file
   * holds one. The kernel frees it when the open file is gone, so also at SIGKILL.
   */
  export function tryLock(descriptor: number, offset?: number, length?: number): boolean;
}
