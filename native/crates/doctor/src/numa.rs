use otedama_memory::{NodeReport, Pages, Topology};

use crate::finding::{Finding, Subject};
use crate::probe::{Probe, counted, gib, words};

pub fn nodes(probe: &Probe<'_>, topology: &Topology) -> Finding {
    const SUBJECT: Subject = Subject { id: "numa", title: "NUMA nodes" };
    let [first, _, ..] = &topology.nodes[..] else {
        return SUBJECT.ok("One node: all memory is equally near.", "Nothing to place.");
    };
    let sizes: Vec<String> = topology
        .nodes
        .iter()
        .map(|node| {
            let threads = counted(node.cpus.len() as u64, "thread");
            format!("node {} {} and {threads}", node.id, gib(node.memory_bytes))
        })
        .collect();
    let cause = format!("{} nodes: {}.", topology.nodes.len(), sizes.join(", "));
    let node = probe.system().allocate(4096, Pages::Base, Some(first.id)).map(|report| report.node);
    match node {
        Ok(NodeReport::Bound(_) | NodeReport::Preferred(_)) => {
            SUBJECT.ok(cause, "Each node reads its own copy of a dataset.")
        }
        Ok(NodeReport::Refused { errno, .. }) => SUBJECT
            .degraded(
                format!("{cause} Binding memory is refused: {}.", words(errno)),
                "Threads may read datasets from another node's memory, at half the speed or less.",
            )
            .remedy(["docker run --cap-add SYS_NICE ..."]),
        Ok(NodeReport::FirstTouch) | Err(_) => {
            SUBJECT.unknown(format!("{cause} Binding could not be tried."), "Memory may be on another node.")
        }
    }
}
