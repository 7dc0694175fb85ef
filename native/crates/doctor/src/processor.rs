use otedama_memory::Topology;

use crate::finding::{Finding, Subject};
use crate::probe::{Probe, counted};

/// What the kernels' own detection found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processor {
    pub arch: String,
    /// Instruction sets that some backend uses.
    pub features: Vec<String>,
    /// Algorithm and the backend that runs it.
    pub selected: Vec<(String, String)>,
}

/// Backends without instructions beyond the base of the architecture.
const PLAIN: [&str; 4] = ["scalar", "portable", "interpreter", "sse2"];

pub fn backends(probe: &Probe<'_>, topology: &Topology, processor: &Processor) -> Finding {
    const SUBJECT: Subject = Subject { id: "cpu", title: "Processor" };
    let model = probe.cpuinfo("model name").unwrap_or_else(|| processor.arch.clone());
    let cause = format!(
        "{model}: {}, {}; {}.",
        counted(topology.core_count() as u64, "core"),
        counted(topology.cpus.len() as u64, "thread"),
        if processor.features.is_empty() {
            "no vector units".to_owned()
        } else {
            processor.features.join(" ")
        },
    );
    let list = |wanted: &dyn Fn(&str) -> bool| {
        let named = processor.selected.iter().filter(|(_, backend)| wanted(backend));
        named.map(|(algorithm, backend)| format!("{algorithm} {backend}")).collect::<Vec<_>>().join(", ")
    };
    let plain = list(&|backend| PLAIN.contains(&backend));
    if plain.is_empty() {
        return SUBJECT.ok(cause, format!("Backends: {}.", list(&|_| true)));
    }
    let finding = SUBJECT
        .degraded(cause, format!("Without faster instructions: {plain}. All backends: {}.", list(&|_| true)));
    if probe.is_virtual() {
        let line = "QEMU: -cpu host. Other hypervisors: pass the host's processor through.";
        return finding.remedy([line]);
    }
    finding
}

pub fn governor(probe: &Probe<'_>, topology: &Topology) -> Finding {
    const SUBJECT: Subject = Subject { id: "cpu-governor", title: "Frequency governor" };
    let folder = |cpu| format!("sys/devices/system/cpu/cpu{cpu}/cpufreq");
    let governors: Vec<String> = topology
        .cpus
        .iter()
        .filter_map(|cpu| probe.text(&format!("{}/scaling_governor", folder(cpu.id))))
        .collect();
    let Some(first) = governors.first() else {
        let who = if probe.is_virtual() { "the virtual machine's host" } else { "the firmware" };
        return SUBJECT.unknown(
            format!("The kernel does not set frequencies here; {who} does."),
            "Nothing to set from inside.",
        );
    };
    let driver = probe.text(&format!("{}/scaling_driver", folder(topology.cpus[0].id))).unwrap_or_default();
    let fixed_low = |name: &str| match name {
        // These drivers follow the load in hardware, whatever the name.
        "powersave" => !matches!(driver.as_str(), "intel_pstate" | "amd-pstate-epp"),
        "userspace" => true,
        _ => false,
    };
    match governors.iter().filter(|name| fixed_low(name)).count() {
        0 => SUBJECT.ok(
            format!("Governor {first} with driver {driver}."),
            "The clock goes up under load, as mining is.",
        ),
        slow => SUBJECT
            .degraded(
                format!(
                    "{slow} of {} hold a fixed low frequency with driver {driver}.",
                    counted(governors.len() as u64, "thread")
                ),
                "Hash rates follow the clock.",
            )
            .remedy([
                "for f in /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
                "do echo performance > $f; done",
            ]),
    }
}
