//! Graphics cards and the drivers through which programs reach them.

use crate::finding::{Finding, Subject};
use crate::probe::{CudaError, Probe, counted, words};

const NVIDIA: &str = "0x10de";
const AMD: &str = "0x1002";
const INTEL: &str = "0x8086";

/// Display and accelerator devices of a vendor on the PCI bus.
fn cards(probe: &Probe<'_>, vendor: &str) -> u64 {
    const BUS: &str = "sys/bus/pci/devices";
    let is_card = |name: &&String| {
        let field = |field: &str| probe.text(&format!("{BUS}/{name}/{field}")).unwrap_or_default();
        let class = field("class");
        field("vendor") == vendor && (class.starts_with("0x03") || class.starts_with("0x12"))
    };
    probe.names(BUS).iter().filter(is_card).count() as u64
}

pub fn nvidia(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "gpu-nvidia", title: "NVIDIA cards" };
    const COST: &str = "Nothing can run on NVIDIA cards.";
    let (cuda, cards) = (probe.system().cuda_devices(), cards(probe, NVIDIA));
    let version = driver_version(probe);
    match cuda {
        Ok(devices @ 1..) => {
            let driver = version.unwrap_or_else(|| "of unknown version".to_owned());
            let cause = format!("{} ready, driver {driver}", counted(devices.into(), "card"));
            let Err(problem) = probe.system().load_library("libnvidia-ml.so.1") else {
                return SUBJECT.ok(format!("{cause}, NVML there{}.", tool(probe)), "CUDA programs can run.");
            };
            SUBJECT
                .degraded(format!("{cause}, no NVML: {problem}."), "Temperature and power cannot be read.")
                .remedy(["apt-get install libnvidia-ml1   # of the driver's version"])
        }
        Ok(0) | Err(_) if cards == 0 && version.is_none() => {
            SUBJECT.unavailable("No NVIDIA card is on the PCI bus.", COST)
        }
        Ok(0) => SUBJECT
            .unavailable(format!("{} there, none is ready.", counted(cards, "card")), COST)
            .remedy([NODES]),
        Err(CudaError::Driver(code)) => {
            let (meaning, remedy) = driver_error(code);
            SUBJECT
                .unavailable(
                    format!("{} there; cuInit answers {code}, {meaning}.", counted(cards, "card")),
                    COST,
                )
                .remedy([remedy])
        }
        Err(CudaError::Library(problem)) => no_library(probe, SUBJECT, cards, version, &problem),
    }
}

/// Creates the device files and loads the modules behind them.
const NODES: &str = "nvidia-modprobe -c 0 -u";

fn no_library(
    probe: &Probe<'_>,
    subject: Subject,
    cards: u64,
    version: Option<String>,
    problem: &str,
) -> Finding {
    const COST: &str = "Nothing can run on NVIDIA cards.";
    let there = counted(cards, "card");
    if let Some(version) = version {
        return subject
            .unavailable(format!("{there} there, kernel driver {version}, no library: {problem}."), COST)
            .remedy([
                "apt-get install libcuda1   # Ubuntu: libnvidia-compute-NNN of the driver's version",
                "In a container: docker run --gpus all ... (nvidia-container-toolkit on the host)",
            ]);
    }
    let instead =
        if probe.exists("sys/module/nouveau") { ", nouveau instead, which cannot compute" } else { "" };
    subject
        .unavailable(format!("{there} there, the NVIDIA driver is not loaded{instead}."), COST)
        .remedy(["apt-get install nvidia-driver   # Ubuntu: ubuntu-drivers install; then reboot"])
}

/// `560.35.03` of "NVRM version: NVIDIA UNIX x86_64 Kernel Module  560.35.03  Fri ...".
fn driver_version(probe: &Probe<'_>) -> Option<String> {
    let text = probe.text("proc/driver/nvidia/version")?;
    let is_version =
        |word: &&str| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit());
    Some(text.lines().next()?.split_whitespace().find(is_version).unwrap_or("of unknown version").to_owned())
}

fn tool(probe: &Probe<'_>) -> &'static str {
    let folders = ["usr/bin", "usr/local/bin", "usr/local/nvidia/bin"];
    let is_there = folders.iter().any(|folder| probe.exists(&format!("{folder}/nvidia-smi")));
    if is_there { ", nvidia-smi there" } else { "" }
}

/// The numbers of CUresult that cuInit gives in practice.
fn driver_error(code: i32) -> (&'static str, &'static str) {
    match code {
        100 => ("no device that this process may use", NODES),
        802 => ("the system is not ready (fabric manager)", "systemctl start nvidia-fabricmanager"),
        803 | 804 => {
            ("kernel driver and library differ in version", "reboot   # or reload the nvidia modules")
        }
        _ => ("a fault of the driver", "modprobe nvidia_uvm; dmesg | grep -i nvrm"),
    }
}

pub fn amd(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "gpu-amd", title: "AMD cards" };
    const COST: &str = "Nothing can run on AMD cards.";
    let cards = cards(probe, AMD);
    if cards == 0 {
        return SUBJECT.unavailable("No AMD card is on the PCI bus.", COST);
    }
    let there = counted(cards, "card");
    if !probe.exists("sys/module/amdgpu") {
        return SUBJECT
            .unavailable(format!("{there} there, the module amdgpu is not loaded."), COST)
            .remedy(["apt-get install firmware-amd-graphics; modprobe amdgpu"]);
    }
    let renderers: Vec<String> =
        probe.names("dev/dri").into_iter().filter(|name| name.starts_with("renderD")).collect();
    if renderers.is_empty() {
        return SUBJECT
            .unavailable(format!("{there} there, amdgpu loaded, no /dev/dri/renderD*."), COST)
            .remedy(["In a container: docker run --device /dev/dri --device /dev/kfd ..."]);
    }
    let devices = renderers.iter().map(|name| format!("dev/dri/{name}")).chain(["dev/kfd".to_owned()]);
    for device in devices.filter(|device| probe.exists(device)) {
        if let Err(errno) = probe.system().open(&probe.root().join(&device), true) {
            return SUBJECT
                .unavailable(format!("{there} there; /{device} cannot be opened: {}.", words(errno)), COST)
                .remedy(["usermod -aG render,video \"$SUDO_USER\"   # then log in again"]);
        }
    }
    if !probe.exists("dev/kfd") {
        return SUBJECT
            .degraded(
                format!("{there} there, amdgpu loaded, no /dev/kfd."),
                "ROCm's OpenCL cannot run; Mesa's can.",
            )
            .remedy(["modprobe amdgpu   # built with CONFIG_HSA_AMD; in a container: --device /dev/kfd"]);
    }
    SUBJECT
        .ok(format!("{there} there, amdgpu loaded, /dev/dri and /dev/kfd can be opened."), "OpenCL can run.")
}

pub fn opencl(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "opencl", title: "OpenCL" };
    const COST: &str = "OpenCL programs cannot run.";
    const VENDORS: &str = "etc/OpenCL/vendors";
    const DRIVERS: &str = "apt-get install mesa-opencl-icd   # or nvidia-opencl-icd, intel-opencl-icd, ROCm";
    if let Err(problem) = probe.system().load_library("libOpenCL.so.1") {
        return SUBJECT
            .unavailable(format!("No loader: {problem}."), COST)
            .remedy(["apt-get install ocl-icd-libopencl1", DRIVERS]);
    }
    let mut working = Vec::new();
    let mut broken = Vec::new();
    for name in probe.names(VENDORS).into_iter().filter(|name| name.ends_with(".icd")) {
        let library = probe.text(&format!("{VENDORS}/{name}")).unwrap_or_default();
        match probe.system().load_library(&library) {
            Ok(()) => working.push(name),
            Err(problem) => broken.push(format!("{name}: {problem}")),
        }
    }
    let has_cards = [NVIDIA, AMD, INTEL].iter().any(|vendor| cards(probe, vendor) > 0);
    match (working.is_empty(), broken.is_empty()) {
        (true, true) if !has_cards => {
            SUBJECT.unavailable("The loader is there, and no card on the PCI bus to load a driver for.", COST)
        }
        (true, true) => SUBJECT
            .unavailable(format!("The loader is there, no driver is registered in /{VENDORS}."), COST)
            .remedy([DRIVERS]),
        (true, false) => SUBJECT
            .unavailable(format!("No registered driver can be loaded: {}.", broken.join("; ")), COST)
            .remedy([DRIVERS]),
        (false, _) => SUBJECT.ok(
            format!(
                "Loader and {} can be loaded: {}.",
                counted(working.len() as u64, "driver"),
                working.join(", ")
            ),
            "OpenCL programs can run on the cards of these drivers.",
        ),
    }
}
