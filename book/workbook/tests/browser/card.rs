//! The cards of a chapter: live, on paper, with no script.

use std::fs;
use std::process::Stdio;

use serde_json::json;

use super::chromium::Chromium;
use super::panel::{build, copy, says, served, workbook};
use super::{built, findings, sticking_out, still};

const CHAPTER: &str = "02-handshake.html";

/// Something in the card of an exercise.
fn card(exercise: &str, inside: &str) -> String {
    let selector = format!("#exercise-{exercise} {inside}");
    format!("document.querySelector({})", json!(selector.trim()))
}

/// Whether it takes room on the page.
fn is_shown(element: &str) -> String {
    format!("({element}.checkVisibility() && {element}.getClientRects().length > 0)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_shows_its_tests_and_keeps_mistakes_until_one_has_failed() {
    let (root, _taken) = copy().await;
    build(&root, "handshake");
    let served = served(&root, "0");
    let chromium = Chromium::start();
    let mut page = chromium.page(&served.authority).await;
    page.open(CHAPTER).await;

    // The starter: the head leads to the first card, which is open, and nothing is given away.
    says(&mut page, "Next: accept_key.").await;
    page.until("document.querySelector('.panel-says a').hash === '#exercise-accept_key'")
        .await;
    page.until("!document.querySelector('.panel-exercises')")
        .await;
    page.until(&card(
        "accept_key",
        ".card-tests > details[open] .panel-next",
    ))
    .await;
    page.until(&card("lists_token", ".card-tests > details:not([open])"))
        .await;
    let mistakes = is_shown(&card("accept_key", ".card-mistakes"));
    page.until(&format!("!{mistakes}")).await;
    page.until(&is_shown(&card("accept_key", ".card-later")))
        .await;
    // The menu bar leads there too, and covers nothing.
    page.until(
        "document.querySelector('#mdbook-menu-bar .panel-beacon').hash === '#exercise-accept_key'",
    )
    .await;
    page.until("/^0\\/\\d+ Next: accept_key\\.$/.test(document.querySelector('.panel-beacon').textContent)")
        .await;

    // A wrong answer: its card says why, and now shows what others got wrong. Another card does not.
    let file = root.join("lessons/02-handshake/src/lib.rs");
    let starter = fs::read_to_string(&file).unwrap();
    let wrong = starter.replace("todo!(\"accept_key({key:?})\")", "key.to_owned()");
    assert_ne!(wrong, starter);
    fs::write(&file, &wrong).unwrap();
    page.until_for(
        &card("accept_key", ".card-tests .panel-report .difference del"),
        120,
    )
    .await;
    page.until(&mistakes).await;
    page.until(&card("accept_key", ".card-mistakes:not([open])"))
        .await;
    page.until(&format!(
        "!{}",
        is_shown(&card("lists_token", ".card-mistakes"))
    ))
    .await;
    // They open by keyboard.
    page.eval(&format!(
        "{}.focus()",
        card("accept_key", ".card-mistakes summary")
    ))
    .await;
    page.press("Enter").await;
    page.until(&card("accept_key", ".card-mistakes[open]"))
        .await;
    let found = findings(&mut page, "html", false).await;
    assert!(found.is_empty(), "{}", found.join("\n"));

    // Not Rust: the head has the compiler's words, the card leads to them.
    fs::write(&file, format!("{wrong}\nfn <b>not</b> rust\n")).unwrap();
    says(&mut page, "It does not compile.").await;
    page.until("document.querySelector('.panel pre').textContent.includes('<b>not</b> rust')")
        .await;
    page.until(&card("accept_key", ".card-tests a[href='#your-code']"))
        .await;

    // The reference passes: every card does.
    fs::write(&file, &starter).unwrap();
    for topic in ["polling", "handshake"] {
        let caught_up = workbook(&root, &["catch-up", topic])
            .stdout(Stdio::null())
            .status();
        assert!(caught_up.unwrap().success());
    }
    says(&mut page, "All tests pass.").await;
    page.until("[...document.querySelectorAll('.card-tests > details')].every((card) => card.matches('.is-passed'))")
        .await;
    page.until("document.querySelectorAll('.card').length === document.querySelectorAll('.card-tests > details').length")
        .await;
    page.until(&is_shown(&card("lists_token", ".card-mistakes")))
        .await;
    // What the reader opened stays open.
    page.until(&card("accept_key", ".card-mistakes[open]"))
        .await;
    page.is_clean();

    // It is there at once when the page is opened, and fits a phone.
    page.width(360).await;
    page.open(CHAPTER).await;
    page.until(&card("accept_key", ".card-tests > .is-passed"))
        .await;
    let wide = sticking_out(&mut page, "main", "innerWidth").await;
    assert_eq!(wide, json!([]));
    let wide = sticking_out(&mut page, "#mdbook-menu-bar", "innerWidth").await;
    assert_eq!(wide, json!([]));
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_paper_a_card_has_its_contract_and_command_and_what_is_closed_stays_closed() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    page.without_scripts().await;
    page.open(CHAPTER).await;
    let shown = |inside: &str| is_shown(&card("accept_key", inside));
    let answer = is_shown("document.querySelector('.predict details > p')");
    for (what, on_screen, on_paper) in [
        (shown(".language-rust"), true, true),
        (shown(".card-command code"), true, true),
        (shown(".card-solution"), true, false),
        (shown(".card-tests"), true, false),
        (shown(".hints summary"), true, false),
        (shown(".hints details > p"), false, false),
        (shown(".card-mistakes"), true, false),
        (shown(".card-mistakes p"), false, false),
        (answer, false, false),
    ] {
        for (media, expected) in [("screen", on_screen), ("print", on_paper)] {
            page.media(media).await;
            assert_eq!(page.eval(&what).await, expected, "{media}: {what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_copied_whole_with_a_button_that_the_keyboard_reaches() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    page.open(CHAPTER).await;
    let command = card("accept_key", ".card-command code");
    assert_eq!(
        page.eval(&format!("{command}.textContent.trim()")).await,
        "cargo test -p handshake -- accept_key::"
    );
    let button = card("accept_key", ".card-command button");
    page.eval(&format!("{button}.focus()")).await;
    page.until(&format!("document.activeElement === {button}"))
        .await;
    page.is_clean();
}
