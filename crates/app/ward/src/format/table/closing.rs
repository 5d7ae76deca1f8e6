//! The last lines: what was read and what was not, which rules could not be used, and which
//! could not have found anything here. Nothing is hidden; what is long is counted.

use detect::coverage::Missing;
use sigma::Refused;

use crate::{
    scan::report::{Report, costs},
    term::{
        Look, count, counted,
        paint::{Paint, paint},
        safe, size,
        wrap::hanging,
    },
};

const PROBLEMS: usize = 20;
const REFUSED: usize = 10;
const GROUPS: usize = 6;
const INDENT: usize = 10;

/// A piece of text made line by line.
struct Lines {
    look: Look,
    is_all: bool,
    out: String,
}

/// The last lines.
pub(crate) fn closing(report: &Report<'_>, look: Look, is_all: bool) -> String {
    let mut lines = Lines { look, is_all, out: String::new() };
    lines.read(report);
    lines.problems(report);
    lines.rules(report);
    lines.correlated(report);
    lines.blind(report);
    lines.unknown(report);
    lines.exclusions(report);
    lines.out
}

impl Lines {
    fn say(&mut self, kind: Paint, indent: usize, text: &str) {
        let text = hanging("", indent, &safe(text), self.look.width);
        self.out.push_str(&paint(self.look, kind, &text));
        self.out.push('\n');
    }

    /// A word, and the sentence about it.
    fn fact(&mut self, word: &str, text: &str) {
        let text = hanging(word, INDENT, &safe(text), self.look.width);
        self.out.push_str(&text);
        self.out.push('\n');
    }

    fn detail(&mut self, text: &str) {
        self.say(Paint::Faint, INDENT, text);
    }

    fn most(&self, few: usize) -> usize {
        if self.is_all { usize::MAX } else { few }
    }

    fn more(&mut self, hidden: usize, what: &str) {
        if hidden > 0 {
            let dots = if self.look.unicode { "…" } else { "..." };
            self.detail(&format!("{dots} {} more {what}; --all shows them", count(hidden as u64)));
        }
    }

    fn read(&mut self, report: &Report<'_>) {
        let read = &report.read;
        let formats: Vec<String> = read
            .files
            .by_format
            .iter()
            .map(|(format, n)| format!("{} {}", count(n.files), format.as_str()))
            .collect();
        let seconds = read.took.as_secs_f64();
        let records = read.records + read.out_of_time;
        let rate = records as f64 / seconds.max(0.001);
        let formats =
            if formats.is_empty() { String::new() } else { format!(" ({})", formats.join(", ")) };
        self.fact(
            "Read",
            &format!(
                "{}{formats}, {}, {} in {seconds:.1} s: {} a second.",
                counted(read.files.files_read, "file", "files"),
                counted(records, "record", "records"),
                size(read.files.bytes),
                counted(rate as u64, "record", "records"),
            ),
        );
        if report.is_interrupted {
            self.detail("Stopped by Ctrl-C: the input was not read to its end.");
        }
        if read.out_of_time > 0 {
            let outside = counted(read.out_of_time, "record lies", "records lie");
            self.detail(&format!(
                "{outside} outside the time asked for, or tell no time; not looked at."
            ));
        }
        if read.files.excluded > 0 {
            let skipped = counted(read.files.excluded, "file or folder", "files and folders");
            self.detail(&format!("{skipped} left out by --skip."));
        }
    }

    fn problems(&mut self, report: &Report<'_>) {
        let problems = &report.problems;
        if problems.count == 0 {
            self.fact("Not read", "nothing: every file and record could be read.");
            return;
        }
        let lost = match problems.lost {
            0 => String::new(),
            n => format!("; at least {} lost", counted(n, "record", "records")),
        };
        self.fact(
            "Not read",
            &format!("{}{lost}:", counted(problems.count, "problem", "problems")),
        );
        let most = self.most(PROBLEMS);
        for problem in problems.list.iter().take(most) {
            self.detail(&format!("{}: {}", problem.place, problem.reason));
        }
        let shown = problems.list.len().min(most);
        let hidden = problems.count as usize - shown;
        if self.is_all && hidden > 0 {
            self.detail(&format!("{} more, not kept", count(hidden as u64)));
        } else {
            self.more(hidden, "problems");
        }
    }

    fn rules(&mut self, report: &Report<'_>) {
        let set = report.rules();
        let mut text = format!("{} in use, from {}", count(set.len() as u64), report.plan.origin);
        if report.plan.unwanted > 0 {
            text.push_str(&format!("; {} not asked for", count(report.plan.unwanted as u64)));
        }
        if set.filters > 0 {
            text.push_str(&format!("; {}", counted(set.filters as u64, "filter", "filters")));
        }
        self.fact("Rules", &(text + "."));
        self.refused("could not be loaded", &set.refused);
        self.refused("not run yet by this version", &set.not_yet);
    }

    /// What correlations were fed with, and what could not be.
    fn correlated(&mut self, report: &Report<'_>) {
        let Some(correlated) = &report.correlated else { return };
        self.fact("Together", &correlated.sentence());
        costs(&correlated.counts).iter().for_each(|cost| self.detail(cost));
    }

    fn refused(&mut self, what: &str, list: &[Refused]) {
        if list.is_empty() {
            return;
        }
        self.fact("", &format!("{} {what}:", count(list.len() as u64)));
        let most = self.most(REFUSED);
        for refused in list.iter().take(most) {
            self.detail(&format!("{}:{}: {}", refused.file, refused.line, refused.reason));
        }
        self.more(list.len().saturating_sub(most), "rules");
    }

    fn blind(&mut self, report: &Report<'_>) {
        if report.blind.is_empty() {
            return;
        }
        let sources = report.blind_sources();
        let fields = report.blind_fields();
        self.fact(
            "Blind",
            &format!(
                "{} could not have found anything in this input:",
                counted(report.blind.len() as u64, "rule", "rules"),
            ),
        );
        let groups: Vec<String> = sources
            .iter()
            .map(|(source, rules)| format!("{source} ({})", count(rules.len() as u64)))
            .collect();
        self.group("no events of the log source", total(&sources), &groups);
        let groups: Vec<String> = fields
            .iter()
            .map(|(fields, rules)| format!("{fields} ({})", count(rules.len() as u64)))
            .collect();
        self.group("no event with the field", total(&fields), &groups);
        let rules = report.blind_rules();
        let groups: Vec<String> = rules
            .iter()
            .map(|(rules, blind)| format!("{rules} ({})", count(blind.len() as u64)))
            .collect();
        self.group("correlations of rules that could not", total(&rules), &groups);
        if self.is_all {
            self.each_blind(report);
        }
    }

    fn group(&mut self, what: &str, total: usize, groups: &[String]) {
        if groups.is_empty() {
            return;
        }
        let most = self.most(GROUPS);
        let mut text = format!("{what}, {}: ", counted(total as u64, "rule", "rules"));
        text.push_str(&groups[..groups.len().min(most)].join("; "));
        if groups.len() > most {
            text.push_str(&format!("; and {} more; --all shows them", groups.len() - most));
        }
        self.detail(&text);
    }

    fn each_blind(&mut self, report: &Report<'_>) {
        for blind in &report.blind {
            let meta = report.rules().meta(blind.rule);
            let missing = match &blind.missing {
                Missing::Source(source) => format!("no events of {source}"),
                Missing::Fields(fields) => format!("no event with {}", fields.join(", ")),
                Missing::Rules(rules) => format!("nothing found by {}", rules.join(", ")),
            };
            self.detail(&format!("{} ({}): {missing}", meta.title, meta.id));
        }
    }

    fn unknown(&mut self, report: &Report<'_>) {
        let unknown = report.coverage.unknown_events();
        if unknown > 0 {
            self.fact(
                "Unknown",
                &format!(
                    "{} of no known log source: rules that ask for one were not tried on them. \
                 If you know it, say so with --logsource.",
                    counted(unknown, "record", "records"),
                ),
            );
        }
    }

    fn exclusions(&mut self, report: &Report<'_>) {
        let lines = &report.plan.exclusion_lines;
        if lines.is_empty() {
            return;
        }
        let left_out = report.excluded_findings();
        self.fact(
            "Left out",
            &format!(
                "{} by {}:",
                counted(left_out, "finding", "findings"),
                counted(lines.len() as u64, "exclusion", "exclusions")
            ),
        );
        let idle = report.plan.exclusions.idle();
        for (at, (file, exclusion)) in lines.iter().enumerate() {
            let n = report.excluded.get(at).copied().unwrap_or(0);
            let mut text = format!("{file}:{}: {}", exclusion.line, count(n));
            text.push_str(&format!(" of {}", exclusion.rule));
            if idle.contains(&at) {
                text.push_str(" (no rule in use has this name)");
            }
            if !exclusion.reason.is_empty() {
                text.push_str(&format!(" # {}", exclusion.reason));
            }
            self.detail(&text);
        }
    }
}

fn total<K, R>(groups: &[(K, Vec<R>)]) -> usize {
    groups.iter().map(|(_, rules)| rules.len()).sum()
}
