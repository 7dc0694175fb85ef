//! Functions that take any bytes, feed them to code which reads input from outside, and panic where its answer
//! is not the one a slow and plain computation gives. `native/fuzz` runs them under a coverage-guided fuzzer,
//! the test of this crate on fixed mutations of the seeds.
#![forbid(unsafe_code)]

mod dataset_file;
mod input;
mod jobs;
mod number_list;
mod numbers;
mod search;
mod share_batch;
mod template;
mod work;

#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Inputs to begin with; several go deep.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const TARGETS: &[Target] = &[
    Target { name: "numbers", run: numbers::run, seeds: numbers::seeds },
    Target { name: "search", run: search::run, seeds: search::seeds },
    Target { name: "share_batch", run: share_batch::run, seeds: share_batch::seeds },
    Target { name: "template", run: template::run, seeds: template::seeds },
    Target { name: "jobs", run: jobs::run, seeds: jobs::seeds },
    Target { name: "work", run: work::run, seeds: work::seeds },
    Target { name: "dataset_file", run: dataset_file::run, seeds: dataset_file::seeds },
    Target { name: "number_list", run: number_list::run, seeds: number_list::seeds },
];

impl core::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Runs the target of this name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(data);
}
