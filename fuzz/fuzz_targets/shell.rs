//! The shell reader: it never fails, its places lie in the text, and what stands behind something well-formed is seen.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use upbeat::duration::Seconds;
use upbeat::shell::Form;
use upbeat::source::{Mapped, Sources};
use upbeat_fuzz::{GENERATED, hold, mutate, script};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed, &mutate::SHELL)
});

fuzz_target!(|data: &[u8]| {
    if let Some((&GENERATED, rest)) = data.split_first() {
        if let Ok(text) = script::generate(rest) {
            for reading in read(&text) {
                let last = reading.waits().filter(|wait| wait.form == Form::Sleep);
                let seen = last.filter(|wait| wait.budget == Some(Seconds::new(script::LAST)));
                assert_eq!(seen.count(), 1, "the last line is not seen of\n{text}");
            }
        }
        return;
    }
    read(&String::from_utf8_lossy(data));
});

fn read(text: &str) -> [upbeat::shell::ScriptReading; 2] {
    let mut sources = Sources::default();
    let file = sources.add("script.sh", text);
    hold::script(sources.get(file), &Mapped::verbatim(file, text, 0))
}
