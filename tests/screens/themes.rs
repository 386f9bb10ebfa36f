//! Every theme on every panel: what differs in meaning differs on screen, with sixteen colours
//! and with none.

#![expect(clippy::unwrap_used, reason = "what a test has built is there")]

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use tminus::app::{Intent, Message, Overlay, Panel, State, update};
use tminus::input::Keymap;
use tminus::theme::{BUILT_IN, Depth, Role, Theme, built_in};

use crate::{rollback, sample};

const DEPTHS: [Depth; 4] = [Depth::True, Depth::Ansi256, Depth::Ansi16, Depth::None];

fn themes() -> Vec<Theme> {
    BUILT_IN.iter().map(|(name, _)| built_in(name).unwrap()).collect()
}

fn show(theme: &Theme, state: &State, size: (u16, u16)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    tminus::view::draw(state, theme, &Keymap::default(), &mut buffer);
    buffer
}

/// What the eye tells two styles by.
fn look(style: Style) -> (Color, Color, ratatui::style::Modifier) {
    let (fg, bg) = (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
    (fg, bg, style.add_modifier)
}

#[test]
fn every_theme_draws_every_panel_and_its_depth_is_kept() {
    for theme in themes() {
        for depth in DEPTHS {
            let theme = theme.fitted(depth);
            for panel in Panel::ALL {
                let mut state = rollback::answered();
                update(&mut state, sample::now(), Message::Intent(Intent::ShowPanel(panel)));
                let buffer = show(&theme, &state, (120, 40));
                for cell in &buffer.content {
                    for color in [cell.fg, cell.bg] {
                        let kept = match color {
                            Color::Reset => true,
                            Color::Rgb(..) => depth == Depth::True,
                            Color::Indexed(_) => depth >= Depth::Ansi256,
                            _ => depth >= Depth::Ansi16,
                        };
                        assert!(kept, "{} {depth:?} {panel:?}: {color:?} in {cell:?}", theme.name);
                    }
                }
            }
        }
    }
}

#[test]
fn good_and_bad_and_the_rest_differ_in_every_theme_with_colours() {
    let meanings = [Role::Good, Role::Attention, Role::Bad, Role::Unknown, Role::Text];
    for theme in themes() {
        for depth in [Depth::True, Depth::Ansi256, Depth::Ansi16] {
            let theme = theme.fitted(depth);
            for (index, one) in meanings.iter().enumerate() {
                for other in &meanings[index + 1..] {
                    let same = look(theme.style(*one)) == look(theme.style(*other));
                    assert!(!same, "{} {depth:?}: {one:?} looks like {other:?}", theme.name);
                }
            }
        }
    }
}

#[test]
fn what_is_bad_and_what_is_selected_stand_out_without_any_colour() {
    for theme in themes() {
        let theme = theme.fitted(Depth::None);
        let text = look(theme.style(Role::Text));
        for role in [Role::Bad, Role::Selected, Role::Now, Role::Banner, Role::Alarm] {
            assert_ne!(look(theme.style(role)), text, "{}: {role:?} looks like text", theme.name);
        }
        assert_ne!(look(theme.style(Role::Good)), look(theme.style(Role::Bad)), "{}", theme.name);
        assert_ne!(look(theme.style(Role::Selected)), look(theme.style(Role::Bad)), "{}", theme.name);
    }
}

#[test]
fn the_selected_row_is_seen_in_every_theme_and_depth() {
    for theme in themes() {
        for depth in DEPTHS {
            let theme = theme.fitted(depth);
            let state = rollback::answered();
            let buffer = show(&theme, &state, (120, 40));
            let wanted = look(theme.style(Role::Selected));
            let selected = buffer.content.iter().filter(|cell| (cell.fg, cell.bg, cell.modifier) == wanted);
            assert!(selected.count() >= 30, "{} {depth:?}: no selected row", theme.name);
        }
    }
}

#[test]
fn windows_over_the_panels_draw_in_every_theme() {
    for theme in themes() {
        let theme = theme.fitted(Depth::None);
        for overlay in [Overlay::Help(0), Overlay::Problems(0), Overlay::Backends(0)] {
            let mut state = sample::open();
            state.overlays.push(overlay);
            let buffer = show(&theme, &state, (120, 40));
            assert!(buffer.content.iter().any(|cell| cell.symbol() == "╭"), "{}", theme.name);
        }
    }
}

/// A screen and, where it is not plain, how each cell looks: `R` reversed, `B` bold.
fn without_colour(state: &State, size: (u16, u16)) -> String {
    use ratatui::style::Modifier;
    let mut state = state.clone();
    state.size = size;
    let buffer = show(&built_in("dark").unwrap().fitted(Depth::None), &state, size);
    let looks = buffer.content.chunks(usize::from(size.0)).map(|row| {
        let letters = row.iter().map(|cell| match cell.modifier {
            modifier if modifier.contains(Modifier::REVERSED) => 'R',
            modifier if modifier.contains(Modifier::BOLD) => 'B',
            _ => '·',
        });
        letters.collect::<String>().trim_end_matches('·').to_owned()
    });
    let looks: Vec<String> = looks.collect();
    format!("{}\n{}\n", crate::text(&buffer), looks.join("\n"))
}

#[test]
fn without_colours_only_what_is_selected_is_reversed_and_freezes_are_hatched() {
    use crate::calendar::{busy, press};
    for (name, intent) in
        [("week", Intent::ShowWeek), ("month", Intent::ShowMonth), ("timeline", Intent::ShowTimeline)]
    {
        let mut state = sample::open();
        let loaded = Message::WorkspaceLoaded(std::sync::Arc::new(busy()), Vec::new());
        update(&mut state, sample::now(), loaded);
        press(&mut state, &[Intent::ShowPanel(Panel::Calendar), intent]);
        for size in crate::SIZES {
            let screen = without_colour(&state, size);
            assert!(screen.contains('╱'), "{name} at {size:?}: no freeze\n{screen}");
            insta::assert_snapshot!(format!("without-colour-{name}-{}x{}", size.0, size.1), screen);
        }
        state.look.ascii = true;
        let screen = without_colour(&state, (120, 40));
        assert!(screen.replace('·', "").is_ascii() && screen.contains('/'), "{screen}");
    }
}
