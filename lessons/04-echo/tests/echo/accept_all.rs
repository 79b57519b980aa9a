//! Places, one task for each, and a refusal when they are taken.

use super::*;

/// Here the connection is open, so places and tasks are as they should be.
fn clue_for_the_echo() {
    clue(
        "waited for a message",
        "The connection is open, and no echo comes: first let the tests of `websocket` and `echo_all` pass.",
    );
}

/// The first example of many texts serves one client, and then the next.
#[test]
fn serves_two_clients_at_once() {
    wire(
        "One client at a time? `spawn` a task for each, and accept on.",
        async |net: Net| {
            let _server = start(&net, 2);
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = net.websocket("bob", "/").await;
            net.pass(Duration::from_secs(1)).await;
            clue_for_the_echo();
            ann.text("one, says ann").await;
            assert_eq!(ann.next_text().await, "one, says ann");
            bob.text("one, says bob").await;
            assert_eq!(bob.next_text().await, "one, says bob");
            ann.text("two, says ann").await;
            assert_eq!(ann.next_text().await, "two, says ann");
            assert_snapshot!("two-clients", net.transcript());
        },
    );
}

/// Two guests. They stay.
async fn ann_and_bob(net: &Net) -> [kit::WebSocket; 2] {
    let ann = net.websocket("ann", "/").await;
    clue(
        "503 Service",
        "A place was free, and bob was refused: only a failed `try_acquire_owned` is a reason.",
    );
    clue(
        "bob could not open",
        "bob waits until ann has left. One client at a time? `spawn` a task for each.",
    );
    [ann, net.websocket("bob", "/").await]
}

/// What eve is told, who comes when all places are taken.
async fn eves_answer(eve: &mut Client) -> String {
    eve.send(REQUEST).await;
    clue(
        "None came",
        "eve waits for a place, and nobody tells her: `acquire` waits, `try_acquire` does not.",
    );
    let response = eve.response().await;
    clue(
        "101",
        "eve got in, as the third of two. Does the task own its place? `let _ = place` moves nothing into it; `drop(place)` at its end does.",
    );
    let text = String::from_utf8_lossy(&response.body);
    format!("{} {text}", response.status)
}

/// A client that waits for a place does not know that it waits. One that is refused does.
#[test]
fn refuses_whoever_finds_no_place() {
    let advice = "`try_acquire_owned` fails when all places are taken: then `refuse`.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 2);
        let _guests = ann_and_bob(&net).await;
        let mut eve = net.connect("eve").await;
        assert_snapshot!(eves_answer(&mut eve).await, @"503 all places are taken, try again later");
        eve.finish().await;
        eve.closed().await;
    });
}

/// Whether they said goodbye or not.
#[test]
fn gives_a_place_to_the_next_when_one_has_left() {
    let advice = "A place is taken when somebody has come, goes into the task, and comes back when the task ends.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 1);
        let mut ann = net.websocket("ann", "/").await;
        ann.close(1000, "").await;
        ann.closed().await;
        drop(ann);
        net.settle().await;
        let bob = net.websocket("bob", "/").await;
        drop(bob);
        net.settle().await;
        let mut carol = net.websocket("carol", "/").await;
        clue_for_the_echo();
        carol.text("Hello").await;
        assert_eq!(carol.next_text().await, "Hello");
    });
}

/// A task may end in a panic. Its place is a value that it owned, and comes back all the same.
#[test]
fn gives_the_place_back_after_a_panic() {
    let advice =
        "The place comes back when it is dropped, however the task ends. Do not count by hand.";
    wire(advice, async |net: Net| {
        let server = Server::new(1, |line| {
            if line.ends_with(": closed") {
                // Without a message: this panic belongs to the test.
                std::panic::resume_unwind(Box::new("as asked"));
            }
        });
        tokio::spawn(server.run(Door(net.listener()), pending::<()>()));
        for name in ["ann", "bob", "cat"] {
            let mut guest = net.websocket(name, "/").await;
            guest.close(1000, "").await;
            guest.closed().await;
            drop(guest);
            net.settle().await;
        }
    });
}

/// A crowd at the door must not cost more than the guests.
#[test]
fn drops_without_a_word_when_there_are_too_many_refusals() {
    let advice = "Spawn with `self.spawn`, and let `refuse` refuse: it limits the refusals too. Then accept on, at once.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 2);
        let _guests = ann_and_bob(&net).await;
        let mut eve = net.connect("eve").await;
        assert_snapshot!(eves_answer(&mut eve).await, @"503 all places are taken, try again later");
        let mut mallory = net.connect("mallory").await;
        mallory.send(REQUEST).await;
        assert_eq!(mallory.response().await.status, 503);
        // Both refusals are still there: neither eve nor mallory has closed.
        let mut trudy = net.connect("trudy").await;
        trudy.send(REQUEST).await;
        let told = trudy.closed().await;
        assert_snapshot!(String::from_utf8_lossy(&told), @"");
    });
}
