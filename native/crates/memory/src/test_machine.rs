use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A made-up machine: /sys and /proc as a folder of files, removed when dropped.
pub struct Machine(PathBuf);

impl Machine {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("otedama-memory-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).expect("a folder for the test");
        Self(root)
    }

    /// A file with this line or lines.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("inside the machine")).expect("folder");
        fs::write(path, format!("{text}\n")).expect("file");
    }

    pub fn root(&self) -> &Path {
        &self.0
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
