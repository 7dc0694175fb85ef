export const HELP = `otedama: a mining pool and a mining fleet in one

  otedama up [--config FILE] [--data-dir DIR]   run the pool, the miner and the dashboard in one process
  otedama status [--json] [--api URL]           what a running otedama is doing
  otedama mine --url URL --user NAME [--pass P] [--algo sha256d|scrypt] [--threads N] [--nice N]
                                                mine on a pool (stratum+tcp:// or stratum+ssl://)
  otedama hash sha256d|scrypt HEX               hash of an 80-byte header, in display order
  otedama config check FILE                     report every problem of a configuration with its line
  otedama config reference                      every setting with its default, as Markdown
  otedama bench kernels|gateway [--json]        measure this machine
  otedama version | help

Without a configuration, 'up' mines a private playground chain: nothing to set up, nothing of value.`;
