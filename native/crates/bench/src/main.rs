//! Prints hash rates of every backend: `otedama-bench [seconds] [threads]`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::time::Duration;

use otedama_bench::{Mode, Options, run};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().as_deref().unwrap_or("2").parse()?;
    let threads: u32 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let duration = Duration::try_from_secs_f64(seconds)?;
    for algorithm in Algorithm::ALL {
        for mode in [Mode::Search, Mode::Verify] {
            for backend in registry::available(algorithm) {
                let measured = run(Options { algorithm, backend, mode, threads, duration })?;
                let rate = measured.hashes as f64 / measured.elapsed.as_secs_f64();
                let checked = if measured.checked { "checked" } else { "WRONG RESULTS" };
                let mode = format!("{mode:?}").to_lowercase();
                println!(
                    "{:8} {mode:7} {:10} {:>12.1} kH/s {checked}",
                    algorithm.name(),
                    backend.name,
                    rate / 1e3
                );
            }
        }
    }
    Ok(())
}
