/**
 * How many files and connections the system lets this process have open; Infinity where it does not say. Node has raised its
 * soft limit to the hard one by then.
 */
export function openFilesMax(): number {
  // The report would look up the names of all peers.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const limit = (report as { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } }).userLimits
    ?.open_files?.soft;
  return typeof limit === "number" ? limit : Infinity;
}
