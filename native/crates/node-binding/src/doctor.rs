use std::path::Path;

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use otedama_doctor::{Finding, Probe, Processor, ThisSystem, examine};

use crate::failure::{Failure, guard};
use crate::features::{CpuFeatures, cpu_features};

#[napi(object)]
pub struct DoctorFinding {
    pub id: String,
    pub title: String,
    pub state: String,
    pub cause: String,
    pub effect: String,
    pub remedy: Vec<String>,
}

impl From<Finding> for DoctorFinding {
    fn from(finding: Finding) -> Self {
        Self {
            id: finding.id.to_owned(),
            title: finding.title.to_owned(),
            state: finding.state.name().to_owned(),
            cause: finding.cause,
            effect: finding.effect,
            remedy: finding.remedy,
        }
    }
}

impl From<CpuFeatures> for Processor {
    fn from(cpu: CpuFeatures) -> Self {
        let mut selected: Vec<(String, String)> = cpu.selected.into_iter().collect();
        selected.sort_unstable();
        Self { arch: cpu.arch, features: cpu.features, selected }
    }
}

/// Tries allocations and loads drivers, which takes up to seconds.
pub struct DoctorTask;

impl Task for DoctorTask {
    type Output = Result<Vec<Finding>, Failure>;
    type JsValue = Vec<DoctorFinding>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guard(|| {
            let processor = cpu_features().map_err(|error| Failure::new("INTERNAL", error.reason.clone()))?;
            Ok(examine(&Probe::new(Path::new("/"), &ThisSystem), &processor.into()))
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Vec<DoctorFinding>> {
        let findings = output.map_err(|failure| failure.into_rejection(env))?;
        Ok(findings.into_iter().map(DoctorFinding::from).collect())
    }
}

/// What the machine lets Otedama use.
#[napi]
pub fn doctor() -> AsyncTask<DoctorTask> {
    AsyncTask::new(DoctorTask)
}
