//! Writes the seeds of every target into a folder of its name: `write-seeds FOLDER`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use otedama_fuzz_targets::TARGETS;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::args().nth(1).ok_or("the folder is missing")?);
    for target in TARGETS {
        let folder = root.join(target.name);
        fs::create_dir_all(&folder)?;
        for (index, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{index}")), seed)?;
        }
    }
    Ok(())
}
