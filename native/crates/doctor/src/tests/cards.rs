use super::{Degraded, Good, Unavailable, assert_finding, library_error};
use crate::probe::CudaError;
use crate::test_probe::Machine;

const NO_NVIDIA: &str = "Nothing can run on NVIDIA cards.";
const NO_AMD: &str = "Nothing can run on AMD cards.";
const VERSION: &str =
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  560.35.03  Fri Aug 16 21:39:15 UTC 2024";

#[test]
fn nvidia_cards_are_ready_with_driver_and_nvml() {
    let mut machine = Machine::new();
    machine.cuda = Ok(2);
    machine.write("proc/driver/nvidia/version", VERSION);
    assert_finding(
        &machine.find("gpu-nvidia"),
        Degraded,
        "2 cards ready, driver 560.35.03, no NVML: libnvidia-ml.so.1: no such file.",
        "Temperature and power cannot be read.",
        &["apt-get install libnvidia-ml1   # of the driver's version"],
    );
    machine.libraries = vec!["libnvidia-ml.so.1"];
    machine.write("usr/bin/nvidia-smi", "");
    let cause = "2 cards ready, driver 560.35.03, NVML there, nvidia-smi there.";
    assert_finding(&machine.find("gpu-nvidia"), Good, cause, "CUDA programs can run.", &[]);
}

#[test]
fn nvidia_tells_a_missing_card_from_a_missing_driver() {
    let mut machine = Machine::new();
    let cause = "No NVIDIA card is on the PCI bus.";
    assert_finding(&machine.find("gpu-nvidia"), Unavailable, cause, NO_NVIDIA, &[]);
    machine.pci_card(1, "0x10de", "0x030000");
    machine.pci_card(2, "0x10de", "0x040300"); // its sound device
    machine.pci_card(3, "0x8086", "0x030000");
    let install = ["apt-get install nvidia-driver   # Ubuntu: ubuntu-drivers install; then reboot"];
    let cause = "1 card there, the NVIDIA driver is not loaded.";
    assert_finding(&machine.find("gpu-nvidia"), Unavailable, cause, NO_NVIDIA, &install);
    machine.write("sys/module/nouveau/refcnt", "1");
    let cause = "1 card there, the NVIDIA driver is not loaded, nouveau instead, which cannot compute.";
    assert_finding(&machine.find("gpu-nvidia"), Unavailable, cause, NO_NVIDIA, &install);

    machine.write("proc/driver/nvidia/version", VERSION);
    machine.cuda = Err(library_error());
    let finding = machine.find("gpu-nvidia");
    let cause = "1 card there, kernel driver 560.35.03, no library: libcuda.so.1: no such file.";
    assert_eq!((finding.state, &finding.cause[..], finding.remedy.len()), (Unavailable, cause, 2));

    for (code, meaning, remedy) in [
        (100, "no device that this process may use", "nvidia-modprobe -c 0 -u"),
        (802, "the system is not ready (fabric manager)", "systemctl start nvidia-fabricmanager"),
        (803, "kernel driver and library differ in version", "reboot   # or reload the nvidia modules"),
        (999, "a fault of the driver", "modprobe nvidia_uvm; dmesg | grep -i nvrm"),
    ] {
        machine.cuda = Err(CudaError::Driver(code));
        let cause = format!("1 card there; cuInit answers {code}, {meaning}.");
        assert_finding(&machine.find("gpu-nvidia"), Unavailable, &cause, NO_NVIDIA, &[remedy]);
    }
    machine.cuda = Ok(0);
    let cause = "1 card there, none is ready.";
    assert_finding(&machine.find("gpu-nvidia"), Unavailable, cause, NO_NVIDIA, &["nvidia-modprobe -c 0 -u"]);
}

#[test]
fn amd_is_followed_from_the_bus_to_the_device_files() {
    let mut machine = Machine::new();
    let find = |machine: &Machine| machine.find("gpu-amd");
    assert_finding(&find(&machine), Unavailable, "No AMD card is on the PCI bus.", NO_AMD, &[]);
    machine.pci_card(1, "0x1002", "0x038000");
    let cause = "1 card there, the module amdgpu is not loaded.";
    let remedy = ["apt-get install firmware-amd-graphics; modprobe amdgpu"];
    assert_finding(&find(&machine), Unavailable, cause, NO_AMD, &remedy);
    machine.write("sys/module/amdgpu/refcnt", "1");
    let cause = "1 card there, amdgpu loaded, no /dev/dri/renderD*.";
    let remedy = ["In a container: docker run --device /dev/dri --device /dev/kfd ..."];
    assert_finding(&find(&machine), Unavailable, cause, NO_AMD, &remedy);
    machine.write("dev/dri/card0", "");
    machine.write("dev/dri/renderD128", "");
    let finding = find(&machine);
    assert_eq!((finding.state, &finding.cause[..]), (Degraded, "1 card there, amdgpu loaded, no /dev/kfd."));
    machine.write("dev/kfd", "");
    let cause = "1 card there, amdgpu loaded, /dev/dri and /dev/kfd can be opened.";
    assert_finding(&find(&machine), Good, cause, "OpenCL can run.", &[]);
    machine.open = Err(libc::EACCES);
    let cause = "1 card there; /dev/dri/renderD128 cannot be opened: permission denied.";
    let remedy = ["usermod -aG render,video \"$SUDO_USER\"   # then log in again"];
    assert_finding(&find(&machine), Unavailable, cause, NO_AMD, &remedy);
}

#[test]
fn opencl_needs_a_loader_and_a_driver_that_loads() {
    let mut machine = Machine::new();
    let drivers = "apt-get install mesa-opencl-icd   # or nvidia-opencl-icd, intel-opencl-icd, ROCm";
    let cost = "OpenCL programs cannot run.";
    let cause = "No loader: libOpenCL.so.1: no such file.";
    let remedy = ["apt-get install ocl-icd-libopencl1", drivers];
    assert_finding(&machine.find("opencl"), Unavailable, cause, cost, &remedy);
    machine.libraries = vec!["libOpenCL.so.1"];
    let cause = "The loader is there, and no card on the PCI bus to load a driver for.";
    assert_finding(&machine.find("opencl"), Unavailable, cause, cost, &[]);
    machine.pci_card(1, "0x8086", "0x030000");
    let cause = "The loader is there, no driver is registered in /etc/OpenCL/vendors.";
    assert_finding(&machine.find("opencl"), Unavailable, cause, cost, &[drivers]);
    machine.write("etc/OpenCL/vendors/mesa.icd", "libMesaOpenCL.so.1");
    machine.write("etc/OpenCL/vendors/notes.txt", "libOpenCL.so.1");
    let cause = "No registered driver can be loaded: mesa.icd: libMesaOpenCL.so.1: no such file.";
    assert_finding(&machine.find("opencl"), Unavailable, cause, cost, &[drivers]);
    machine.libraries.push("libMesaOpenCL.so.1");
    let cause = "Loader and 1 driver can be loaded: mesa.icd.";
    let effect = "OpenCL programs can run on the cards of these drivers.";
    assert_finding(&machine.find("opencl"), Good, cause, effect, &[]);
}
