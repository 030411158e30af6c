//! Whether what the bot says is what a dialog has written, also where it leaves buttons open.

/// Stands in a row of buttons for any others, or for none; the second is for keyboards without `…`.
const OTHERS: [&str; 2] = ["…", "..."];

/// True when a line of the bot is as written: the same, but that `[…]` stands for any buttons.
pub fn fits(wanted: &str, came: &str) -> bool {
    let (wanted, came) = (wanted.trim_end(), came.trim_end());
    match (row(wanted), row(came)) {
        (Some((sign, wanted)), Some((same, came))) if wanted.iter().any(is_open) => {
            sign == same && is_row(&wanted, &came)
        }
        _ => wanted == came,
    }
}

/// What is written down of what the bot says: a row that leaves buttons open stays as it was where
/// it still holds, all else is as it came.
pub(super) fn written(wanted: &[&str], came: &[String]) -> Vec<String> {
    let mut open =
        wanted.iter().filter(|line| row(line).is_some_and(|row| row.1.iter().any(is_open)));
    let mut next = open.clone();
    came.iter()
        .map(|line| match next.find(|wanted| fits(wanted, line)) {
            Some(wanted) => {
                open = next.clone();
                wanted.trim_end().to_owned()
            }
            None => {
                next = open.clone();
                line.clone()
            }
        })
        .collect()
}

fn is_open(button: &&str) -> bool {
    OTHERS.contains(button)
}

/// A line of buttons: what stands before the first, and their titles.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let (sign, buttons) = line.split_at(line.find('[')?);
    let is_sign = sign.trim().is_empty() || ["<", "@<"].contains(&sign.trim());
    let titles = buttons.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    is_sign.then(|| (sign, titles.split("] [").collect()))
}

/// True when the buttons that came are the wanted ones, in their order.
fn is_row(wanted: &[&str], came: &[&str]) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where the last open place stands, and how much it takes as yet.
    let mut open: Option<(usize, usize)> = None;
    while seen < came.len() {
        match wanted.get(at) {
            Some(title) if is_open(title) => {
                open = Some((at, seen));
                at += 1;
            }
            Some(title) if *title == came[seen] => (at, seen) = (at + 1, seen + 1),
            _ => {
                let Some((place, taken)) = open else { return false };
                open = Some((place, taken + 1));
                (at, seen) = (place + 1, taken + 1);
            }
        }
    }
    wanted[at..].iter().all(is_open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_may_be_left_open() {
        let came = "  [IT] [HR] [Legal] [Wrong department]";
        for wanted in [
            came,
            "  [IT] […]",
            "  [IT] [...]",
            "  […]",
            "  [IT] […] [Wrong department]",
            "  […] [HR] […] [Wrong department]",
            "  […] [IT] [HR] [Legal] […] [Wrong department] […]",
            "  [IT] […] [Legal] [Wrong department]  ",
        ] {
            assert!(fits(wanted, came), "{wanted}");
        }
        for wanted in [
            "  [IT]",
            "  [HR] […]",
            "  [IT] […] [Legal]",
            "  [IT] […] [IT] […]",
            "  […] [Legal] [HR] […]",
            "< [IT] […]",
            "  [IT …] [HR] [Legal] [Wrong department]",
            "  …",
        ] {
            assert!(!fits(wanted, came), "{wanted}");
        }
    }

    #[test]
    fn words_are_as_they_are() {
        assert!(fits("< Your words: …", "< Your words: …"));
        assert!(!fits("< Your words: …", "< Your words: all"));
        assert!(!fits("< Choose one […]", "< Choose one [IT]"));
        assert!(!fits("  […]", "  Words"));
        assert!(fits("< […]", "< [IT] [HR]"));
        // Nothing else that the bot says is taken for buttons.
        assert!(!fits("< […]", "< "));
    }

    #[test]
    fn what_still_holds_stays_open_when_the_rest_is_written_anew() {
        let wanted = ["< Hello", "  [IT] […]", "< Old", "  [Yes] [No]", "  [HR] […]"];
        let came = ["< Hello", "  A new line", "  [IT] [HR]", "< New", "  [Yes] [No]", "  [Legal]"];
        let came = came.map(str::to_owned);
        assert_eq!(
            written(&wanted, &came),
            ["< Hello", "  A new line", "  [IT] […]", "< New", "  [Yes] [No]", "  [Legal]"]
        );
    }
}
