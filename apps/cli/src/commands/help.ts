export const HELP = `otedama: a mining pool and a mining fleet in one

  otedama up [--config FILE] [--data-dir DIR]   run the pool, the miner and the dashboard in one process
  otedama fleet up [--config FILE] [--data-dir DIR] [--gateways N] [--validators N]
                                                run every service as a process of its own, with NATS, PostgreSQL and Redis
  otedama fleet status [--json] [--data-dir DIR]
                                                every process of that fleet: state, process id, ports
  otedama fleet down [--data-dir DIR]           drain and end it
  otedama fleet credentials --out DIR [--host NAMES] [--port P] [--store DIR] [--tls]
                                                keys of the services and configuration of their NATS servers
  otedama fleet streams --config FILE           make the streams on the NATS servers of that configuration
  otedama serve SERVICE [--config FILE]         one service of a fleet: stratum-gateway, share-validator,
                                                pool-accounting, api-gateway, miner-agent
  otedama status [--json] [--api URL]           what a running otedama is doing
  otedama ledger prove [--json]                 whether the books are right: every sum has its parts, and the wallets
                                                hold what the books say
  otedama ledger explain BLOCK [ADDRESS] [--coin C] [--json]
                                                how a block's reward was divided; BLOCK: a hash, its end, or a height
  otedama ledger export [--csv|--json] [--from TIME] [--to TIME]
                                                every posting of the journal, a line each
  otedama ledger adjust ACCOUNT AMOUNT --pool ID --coin C --reason TEXT [--address A]
                                                correct the books by hand: wallet, miner_matured, operator_fee_matured,
                                                operator_bankroll
  otedama ledger fund AMOUNT --pool ID --reason TEXT
                                                coins of yours in the pool's wallet that pay shares under pps and fpps
  otedama ledger migrate                        bring the PostgreSQL of database.url to the schema of this version
                                                ledger takes --config FILE and --data-dir DIR as 'up' does
                                                (data/fleet for the books of 'fleet up')
  otedama access admin NAME                     an admin of the API and the dashboard: asks for a password, or reads a line
  otedama access users|keys [--json]            who may log in; which keys are good
  otedama access reset NAME [--totp]            another password for a user; --totp: forget its authenticator app
  otedama access role NAME ROLE                 viewer, operator or admin
  otedama access enable|disable NAME            let a user in, or not
  otedama access key NAME ROLE [--days N]       make a key for a program, shown once
  otedama access revoke ID                      a key is good for nothing any more
  otedama access rotate                         new keys for access tokens, after a leak
                                                access takes --config FILE and --data-dir DIR as 'ledger' does
  otedama mine --url URL --user NAME [--pass P] [--algo sha256d|scrypt] [--threads N] [--nice N]
                                                mine on a pool (stratum+tcp:// or stratum+ssl://)
  otedama hash sha256d|scrypt HEX               hash of an 80-byte header, in display order
  otedama hash ethash|etchash|kawpow HEX --nonce HEX --block N
                                                mix and hash of a header hash
  otedama hash randomx HEX --seed HEX [--v2]    hash of a blob
  otedama hash ALGO --stdin                     one JSON object a line in, one out, in order
  otedama payouts list [--all] [--pool ID] [--json]
                                                payouts that may still change, or all, and who could not be paid
  otedama payouts plan [--now] [--pool ID] [--json]
                                                whom the next planning pays; --now has it made at once
  otedama payouts approve|retry|cancel ID [--reason TEXT]
                                                decide about a batch: payouts takes --config and --data-dir, too
  otedama audit verify [--expect ENTRY:HASH] [--json]
                                                whether the audit log is whole, and where not; --expect: a head you kept
  otedama audit list [--actor WHO] [--action A] [--target T] [--from TIME] [--to TIME] [--limit N] [--json]
                                                who did what; A: payout.approve, or all of payout
  otedama audit export                          every entry, a line each, for tools/verify-audit.mjs; audit takes
                                                --config and --data-dir, too
  otedama bans list [--reason operator|invalid-shares] [--json]
                                                who is kept out of the ports for miners, why, until when
  otedama bans add ADDRESS|RANGE [--for 2h] [--note TEXT]
                                                keep it out, at every gateway within a second; without --for until it is
                                                removed; an account of a pool: --pool ID --account ADDRESS
  otedama bans remove ADDRESS|RANGE|ID          let it in again; ID: as list shows it; bans asks the API of the otedama
                                                that runs (--api URL where it is elsewhere), and takes --config and
                                                --data-dir, too
  otedama config check FILE                     report every problem of a configuration with its line
  otedama config reference                      every setting with its default, as Markdown
  otedama config schema                         the JSON Schema of the file, for editors
  otedama bench kernels [--algo A] [--mode search|switch] [--threads N] [--seconds S] [--block N] [--json]
                                                hash rates of this machine, results checked
  otedama bench validate [--algo A] [--threads N] [--seconds S] [--block N] [--json]
                                                shares that a pool can judge, per second and core, results checked
  otedama bench gateway [--json]                shares per second of the whole pool
  otedama doctor [--json]                       what this machine lets Otedama use, and how to get the rest
  otedama version | help

Without a configuration, 'up' mines a private playground chain: nothing to set up, nothing of value.`;
