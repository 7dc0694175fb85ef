//! What this machine lets a miner and a pool use: for each capability its state, the reading behind it, what it
//! costs, and the commands that get the rest.
//!
//! Readings come from a [`Probe`]: files under a root folder and the few questions only system calls answer.
//! Nothing here changes the machine, and every text is made from what was read on it.

// dlopen and clock_adjtime in `system`: each block carries its proof.
#![allow(unsafe_code)]

mod clock;
mod finding;
mod gpu;
mod memory;
mod msr;
mod numa;
mod pages;
mod probe;
mod process;
mod processor;
mod system;
#[cfg(test)]
mod test_probe;
#[cfg(test)]
mod tests;

pub use finding::{Finding, State};
pub use probe::{Clock, CudaError, Errno, Probe, System};
pub use processor::Processor;
pub use system::ThisSystem;

use otedama_memory::Topology;

/// Every capability, in the order of a report. `processor` is what the kernels' own detection says.
pub fn examine(probe: &Probe<'_>, processor: &Processor) -> Vec<Finding> {
    let topology = Topology::read(probe.root(), probe.system().allowed_cpus().as_deref());
    vec![
        processor::backends(probe, &topology, processor),
        processor::governor(probe, &topology),
        msr::registers(probe, processor),
        memory::datasets(probe, &topology),
        pages::transparent(probe),
        pages::reserved_2m(probe, &topology),
        pages::reserved_1g(probe, &topology),
        numa::nodes(probe, &topology),
        memory::generated_code(probe),
        process::priority(probe),
        process::open_files(probe),
        clock::synchronised(probe),
        gpu::nvidia(probe),
        gpu::amd(probe),
        gpu::opencl(probe),
    ]
}
