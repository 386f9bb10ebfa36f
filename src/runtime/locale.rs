//! What the environment's locale says: the first day of a week.

use chrono::Weekday;
use icu_calendar::types::Weekday as Named;
use icu_calendar::week::{WeekInformation, WeekPreferences};

/// The first day of a week by `LC_ALL`, `LC_TIME` or `LANG`, whichever is set first, with the
/// Unicode CLDR's data; Monday where they name no language.
pub fn week_start(variable: impl Fn(&str) -> Option<String>) -> Weekday {
    let set = ["LC_ALL", "LC_TIME", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    set.as_deref().and_then(first_day).unwrap_or(Weekday::Mon)
}

/// Of a POSIX locale: `en_US.UTF-8`, `sr_RS@latin`.
fn first_day(locale: &str) -> Option<Weekday> {
    let name = locale.split(['.', '@']).next()?;
    if name.is_empty() || name == "C" || name == "POSIX" {
        return None;
    }
    let locale = icu_locale_core::Locale::try_from_str(&name.replace('_', "-")).ok()?;
    let week = WeekInformation::try_new(WeekPreferences::from(&locale)).ok()?;
    Some(match week.first_weekday {
        Named::Monday => Weekday::Mon,
        Named::Tuesday => Weekday::Tue,
        Named::Wednesday => Weekday::Wed,
        Named::Thursday => Weekday::Thu,
        Named::Friday => Weekday::Fri,
        Named::Saturday => Weekday::Sat,
        Named::Sunday => Weekday::Sun,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Weekday {
        week_start(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_week_begins_where_the_locale_says() {
        for (locale, day) in [
            ("de_DE.UTF-8", Weekday::Mon),
            ("en_US.UTF-8", Weekday::Sun),
            ("en_GB", Weekday::Mon),
            ("pt_BR.utf8", Weekday::Sun),
            ("ja_JP.UTF-8", Weekday::Sun),
            ("ar_EG", Weekday::Sat),
            ("dv_MV", Weekday::Fri),
            ("sr_RS@latin", Weekday::Mon),
            ("C.UTF-8", Weekday::Mon),
            ("no such locale", Weekday::Mon),
        ] {
            assert_eq!(with(&[("LANG", locale)]), day, "{locale}");
        }
        assert_eq!(with(&[]), Weekday::Mon);
    }

    #[test]
    fn the_time_s_own_variable_wins_over_the_language() {
        assert_eq!(with(&[("LANG", "de_DE.UTF-8"), ("LC_TIME", "en_US.UTF-8")]), Weekday::Sun);
        assert_eq!(with(&[("LC_ALL", "de_DE"), ("LC_TIME", "en_US.UTF-8")]), Weekday::Mon);
        assert_eq!(with(&[("LC_ALL", ""), ("LC_TIME", "en_US.UTF-8")]), Weekday::Sun);
    }
}
