use crate::{Cpu, CpuId, Topology};

/// Processors for `count` threads, best first, so that the first `n` are a good choice for `n` threads too:
/// physical cores before their second hardware threads, large cores before small ones, and in turn over the
/// nodes and the third-level caches within them. With more threads than processors they are used again.
pub fn place_threads(topology: &Topology, count: usize) -> Vec<CpuId> {
    let mut order: Vec<(Rank, CpuId)> =
        topology.cpus.iter().map(|cpu| (Rank::of(topology, cpu), cpu.id)).collect();
    order.sort_unstable();
    order.iter().map(|(_, id)| *id).cycle().take(if order.is_empty() { 0 } else { count }).collect()
}

/// Compared field by field. Turns count processors of the same class before this one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// 0 for the first hardware thread of a core.
    sibling: usize,
    is_efficiency: bool,
    turn_in_l3_group: usize,
    /// Which of its node's caches, so that nodes take turns and not caches.
    l3_group_in_node: usize,
    node: u32,
}

impl Rank {
    fn of(topology: &Topology, cpu: &Cpu) -> Self {
        let sibling_of = |cpu: &Cpu| count(topology, |other| other.core == cpu.core && other.id < cpu.id);
        let sibling = sibling_of(cpu);
        let same_class =
            |other: &Cpu| other.is_efficiency == cpu.is_efficiency && sibling_of(other) == sibling;
        let mut groups: Vec<CpuId> =
            topology.cpus.iter().filter(|other| other.node == cpu.node).map(|other| other.l3_group).collect();
        groups.sort_unstable();
        groups.dedup();
        Self {
            sibling,
            is_efficiency: cpu.is_efficiency,
            turn_in_l3_group: count(topology, |other| {
                (other.node, other.l3_group) == (cpu.node, cpu.l3_group)
                    && other.id < cpu.id
                    && same_class(other)
            }),
            l3_group_in_node: groups.iter().position(|group| *group == cpu.l3_group).unwrap_or(0),
            node: cpu.node.0,
        }
    }
}

fn count(topology: &Topology, condition: impl Fn(&Cpu) -> bool) -> usize {
    topology.cpus.iter().filter(|cpu| condition(cpu)).count()
}
