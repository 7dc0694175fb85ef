//! Where datasets, scratchpads and generated code live.
//!
//! [`Region`] is large memory on the largest pages and the NUMA node that the system gives, with a report of
//! what was refused and how to get it. [`CodeMemory`] holds generated instructions and is never writable and
//! executable through one mapping. [`Topology`] is this workspace's own reading of sysfs, from which
//! [`place_threads`] chooses processors. Nothing here knows of an algorithm.

// Mappings, system calls and cache instructions: each block carries its proof.
#![allow(unsafe_code)]

mod affinity;
mod code;
mod error;
mod huge_pool;
mod limits;
mod mapping;
mod number_list;
mod placement;
mod region;
mod report;
mod synchronize;
#[cfg(test)]
mod test_machine;
mod topology;

pub use affinity::{allowed_cpus, pin_current_thread};
pub use code::CodeMemory;
pub use error::MemoryError;
pub use huge_pool::HugePool;
pub use limits::MemoryLimits;
pub use number_list::parse_number_list;
pub use placement::place_threads;
pub use region::Region;
pub use report::{NodeReport, PageReport, PageSize, Pages, Refusal};
pub use topology::{Cpu, CpuId, Node, NodeId, Topology};
