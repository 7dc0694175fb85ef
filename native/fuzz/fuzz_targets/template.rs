#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| otedama_fuzz_targets::run("template", data));
