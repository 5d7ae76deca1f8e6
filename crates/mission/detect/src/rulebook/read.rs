//! Rule files to rules, on all processors: a folder of thousands is read in a moment. Pure.

use std::num::NonZero;

use sigma::{Parsed, Placeholders};

use super::RuleFile;

/// Fewer files than this for each thread are not worth a thread.
const FILES_A_THREAD: usize = 200;

/// What each file came to, in the order of the files. `below` is put before their names.
pub fn files(below: &str, files: &[RuleFile], placeholders: &Placeholders) -> Vec<Parsed> {
    let read = |file: &RuleFile| {
        let name = format!("{below}{}", file.name);
        sigma::parse::file(&name.into(), &file.text, placeholders)
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = files.len().div_ceil(threads).max(FILES_A_THREAD);
    if files.len() <= share {
        return files.iter().map(read).collect();
    }
    let read = &read;
    std::thread::scope(|scope| {
        let threads: Vec<_> = files
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(read).collect::<Vec<_>>()))
            .collect();
        let parts = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        parts.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_files_is_kept_however_many_threads_read_them() {
        let all: Vec<RuleFile> = (0..5 * FILES_A_THREAD)
            .map(|at| RuleFile { name: format!("{at}.yml"), text: "title: none".to_owned() })
            .collect();
        let parsed = files("x/", &all, &Placeholders::new());
        let told: Vec<&str> = parsed.iter().map(|one| &*one.refused[0].file).collect();
        let expected: Vec<String> = all.iter().map(|file| format!("x/{}", file.name)).collect();
        assert_eq!(told, expected);
    }
}
