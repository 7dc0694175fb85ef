use otedama_memory::{HugePool, MemoryError, MemoryLimits, Topology};

use crate::finding::{Finding, Subject};
use crate::probe::{Probe, gib};

const MIB: u64 = 1 << 20;
/// RandomX in light mode: the cache.
pub const RANDOMX_CACHE: u64 = 256 * MIB;
/// RandomX in fast mode: the dataset beside the cache it is made from.
pub const RANDOMX_DATASET: u64 = 2080 * MIB;
/// Dataset and cache of Etchash and KawPow, which are beyond 4 GiB and grow each year.
const ETHASH_FAMILY: u64 = 6144 * MIB;

pub fn datasets(probe: &Probe<'_>, topology: &Topology) -> Finding {
    const SUBJECT: Subject = Subject { id: "memory", title: "Memory for datasets" };
    let Some(limits) = MemoryLimits::read(probe.root()) else {
        return SUBJECT
            .unknown("The system does not say how much memory is free.", "Allocations may fail late.");
    };
    let usable = limits.usable();
    let is_limited = limits.group.is_some_and(|group| group < limits.available);
    let total: u64 = topology.nodes.iter().map(|node| node.memory_bytes).sum();
    let by = if is_limited { ", by the container's limit," } else { "" };
    let reserved = topology.nodes.iter().flat_map(|node| &node.huge_pages).map(HugePool::free_bytes).sum();
    let besides =
        if reserved == 0 { String::new() } else { format!(", and {} on reserved pages", gib(reserved)) };
    let cause = format!("{} of {}{by} can be taken{besides}.", gib(usable), gib(total));
    let usable = usable + reserved;
    let randomx = RANDOMX_DATASET + RANDOMX_CACHE + 2 * MIB * topology.cpus.len() as u64;
    let needs = format!("RandomX fast mode needs {}, Etchash and KawPow 4 to 6 GiB", gib(randomx));
    let remedy = if is_limited {
        "Raise the container's limit (docker run --memory 8g; Kubernetes: limits.memory)."
    } else {
        "End other programs, or fit more memory."
    };
    if usable >= ETHASH_FAMILY {
        SUBJECT.ok(cause, format!("Room for each dataset: {needs}."))
    } else if usable >= randomx {
        SUBJECT
            .degraded(cause, format!("RandomX fits, Etchash and KawPow may not: {needs}."))
            .remedy([remedy])
    } else if usable >= RANDOMX_CACHE {
        SUBJECT
            .degraded(cause, format!("RandomX runs in light mode, several times slower: {needs}."))
            .remedy([remedy])
    } else {
        SUBJECT.unavailable(cause, "Only SHA256d and Scrypt fit.").remedy([remedy])
    }
}

pub fn generated_code(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "generated-code", title: "Generated code" };
    match probe.system().code_memory() {
        Ok(()) => SUBJECT.ok(
            "Memory was mapped twice, writable and executable, with no page both at once.",
            "RandomX and KawPow run as machine code.",
        ),
        Err(MemoryError::CodeRefused { cause, remedy }) => Finding {
            remedy: vec![remedy.trim_start_matches("as root: ").to_owned()],
            ..SUBJECT.unavailable(
                format!("The system refuses it: {cause}."),
                "RandomX and KawPow programs are interpreted, many times slower.",
            )
        },
        Err(MemoryError::OutOfMemory { .. }) => {
            SUBJECT.unknown("There was no memory for a trial.", "RandomX and KawPow programs need some.")
        }
    }
}
