//! The file changes under the form.

use super::*;

#[test]
fn the_file_changed_under_the_form() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Title, None, "Mine");
    let mut changed = workspace();
    changed.releases[0].title = "Theirs".into();
    changed.releases[0].owner = Some("ana".into());
    changed.releases[0].stages[0].region = Some("us".into());
    load(&mut state, changed.clone());
    let shown = form(&state);
    assert_eq!(shown.value(Name::Title, None), "Mine");
    assert_eq!(shown.value(Name::Owner, None), "ana");
    assert_eq!(shown.value(Name::Region, Some(shown.sections[0].id)), "us");
    let title = &shown.fields[shown.at(Name::Title, None).unwrap()];
    assert!(title.said.iter().any(|(_, text)| text.contains("the file says Theirs by now")), "{title:?}");
    assert_eq!(shown.news.len(), 1);
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.before.as_deref(), Some(&Before::Release(changed.releases[0].clone())));
    assert_eq!(patch.changes.len(), 1);
}

#[test]
fn a_stage_that_others_add_or_take_out_comes_and_goes() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    let mut changed = workspace();
    let mut first = changed.releases[0].stages[0].clone();
    first.environment = "staging".into();
    first.region = None;
    changed.releases[0].stages.insert(0, first);
    load(&mut state, changed);
    let origins: Vec<_> = form(&state).sections.iter().map(|section| section.origin).collect();
    assert_eq!(origins, [Some(1), Some(0)]);
    assert!(!form(&state).is_touched());
    load(&mut state, workspace());
    let origins: Vec<_> = form(&state).sections.iter().map(|section| section.origin).collect();
    assert_eq!(origins, [Some(0)]);
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert!(state.overlays.is_empty());
}
