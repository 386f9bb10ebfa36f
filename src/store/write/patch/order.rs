//! The order of keys in the files' documentation: that of the shapes in `wire/`.

use super::super::super::wire::{keys::known, release, show, watch, windows, workspace};
use crate::domain::patch::PlanFile;

/// The keys of a table of a file, in order; none are known of a table that is not ours. `""` is
/// the top of the file, a list stands for its entries.
pub fn keys(file: &PlanFile, table: &str) -> &'static [&'static str] {
    match (file, table) {
        (PlanFile::Release(_), "") => known::<release::Release>(),
        (PlanFile::Release(_), "item") => known::<release::Item>(),
        (PlanFile::Release(_), "stage") => known::<release::Stage>(),
        (PlanFile::Release(_), "check") => known::<release::Check>(),
        (PlanFile::Release(_), "exception") => known::<release::Exception>(),
        (PlanFile::Release(_), "step") => known::<show::Step>(),
        (PlanFile::Release(_), "watch") => known::<watch::Watch>(),
        (PlanFile::Release(_), "watch.note") => known::<watch::Note>(),
        (PlanFile::Windows, "") => known::<windows::Windows>(),
        (PlanFile::Windows, "window") => known::<windows::Window>(),
        (PlanFile::Workspace, "") => known::<workspace::File>(),
        (PlanFile::Workspace, "workspace") => known::<workspace::Workspace>(),
        (PlanFile::Workspace, "environment") => known::<workspace::Environment>(),
        (PlanFile::Workspace, "service") => known::<workspace::Service>(),
        (PlanFile::Workspace, "policy") => known::<workspace::Policy>(),
        _ => &[],
    }
}

/// Where a new key goes among those that are there: after this one of them (`None`: it is the
/// first, or stands last).
pub fn after<'a>(
    order: &[&str],
    key: &str,
    there: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator,
) -> Option<usize> {
    let rank = |key: &str| order.iter().position(|known| *known == key);
    let last = there.len().checked_sub(1);
    let Some(own) = rank(key) else { return last };
    let mut before = there.enumerate().filter(|(_, key)| rank(key).is_some_and(|rank| rank < own));
    before.next_back().map(|(index, _)| index).or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_where_the_documentation_has_it() {
        let order = keys(&PlanFile::Release("r".into()), "");
        assert_eq!(&order[..3], ["title", "change", "status"]);
        assert_eq!(after(order, "change", ["title", "mine", "owner"].into_iter()), Some(0));
        assert_eq!(after(order, "title", ["status", "mine"].into_iter()), Some(1));
        assert_eq!(after(order, "other", ["status", "mine"].into_iter()), Some(1));
        assert_eq!(after(order, "title", [].into_iter()), None);
    }
}
