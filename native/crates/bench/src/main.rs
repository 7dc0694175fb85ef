//! Prints hash rates: `otedama-bench [seconds] [threads] [algorithm] [search|verify|switch]`; every backend of every
//! algorithm when none is named, but for the searches that need a dataset of gigabytes.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use otedama_bench::{Mode, Options, full_source, light_source, run};
use otedama_hash_api::{Algorithm, Family};
use otedama_hash_registry as registry;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().as_deref().unwrap_or("2").parse()?;
    let threads: u32 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let algorithm = arguments.next().map(|name| Algorithm::from_name(&name).ok_or("unknown algorithm"));
    let algorithm = algorithm.transpose()?;
    let mode = arguments.next();
    let duration = Duration::try_from_secs_f64(seconds)?;
    for each in Algorithm::ALL {
        for (name, of_name) in [("search", Mode::Search), ("verify", Mode::Verify), ("switch", Mode::Switch)]
        {
            let named = algorithm == Some(each) && mode.as_deref().is_none_or(|mode| mode == name);
            let cheap = each.family() == Family::Header || of_name == Mode::Verify;
            if named || algorithm.is_none() && cheap {
                measure(each, of_name, threads, duration)?;
            }
        }
    }
    Ok(())
}

fn measure(algorithm: Algorithm, mode: Mode, threads: u32, duration: Duration) -> Result<(), Box<dyn Error>> {
    for selection in registry::available(algorithm) {
        let options = Options { selection, mode, threads, duration, block_number: 0 };
        let source = match mode {
            Mode::Search | Mode::Switch => full_source(&options, &Arc::default())?,
            Mode::Verify | Mode::Batch { .. } => light_source(&options)?,
        };
        let measured = run(&options, &source)?;
        let rate = measured.hashes as f64 / measured.elapsed.as_secs_f64();
        let checked = if measured.checked { "checked" } else { "WRONG RESULTS" };
        let name = algorithm.name();
        println!("{name:10} {mode:?} {:12} {:>14.3} kH/s {checked}", selection.backend, rate / 1e3);
        if let Some(latency) = measured.latency {
            println!("{:11}{latency:?}", "");
        }
    }
    Ok(())
}
