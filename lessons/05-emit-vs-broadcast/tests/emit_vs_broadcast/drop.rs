//! A member that leaves, however its task ends.

use std::task::{Wake, Waker};

use tokio::sync::oneshot;

use super::*;

#[test]
fn takes_the_connection_out_of_the_hub() {
    coach("A member that leaves is not in `queues` any more.", || {
        clue(
            "[ConnectionId(1), ConnectionId(2)]",
            "Connection 1 is gone, and the hub still has its queue: `remove` it, farewell or not.",
        );
        clue("[]", "You emptied the hub. Take out `self.id` alone.");
        let hub = Hub::default();
        let (a, _b) = (super::join(&hub), super::join(&hub));
        leave(a);
        assert_snapshot!(format!("{:?}", hub.ids()), @"[ConnectionId(2)]");
    });
}

/// A task that is cancelled runs no line of its code again. Its values are dropped.
#[test]
fn happens_when_the_task_is_cancelled() {
    wire("Leave in `drop`, and nowhere else.", async |net: Net| {
        let hub = Hub::default();
        let member = hub.join();
        let task = tokio::spawn(async move {
            std::future::pending::<()>().await;
            std::mem::drop(member);
        });
        net.settle().await;
        task.abort();
        net.settle().await;
        assert_snapshot!(format!("{:?}", hub.ids()), @"[]");
    });
}

/// `emit` wants the lock that a `let members = self.hub.lock();` still holds.
#[test]
fn tells_the_others() {
    coach(
        "First out of the hub, then the farewell to whoever is left. `emit` locks the hub too: \
         let go of your lock first. A guard with a name lives until the end of its block, and one in \
         the head of an `if let` or a `match` until the end of that.",
        || {
            clue(
                "leaver                   2[",
                "The connection that leaves got its own farewell. Take it out of the hub first.",
            );
            clue(
                "others                   nothing",
                "Nobody heard the farewell: `emit` it.",
            );
            let hub = Hub::default();
            let (mut a, mut b) = (super::join(&hub), super::join(&hub));
            a.membership.farewell = Some(Event::new("left", [1]));
            let Member {
                membership,
                mut packets,
                ..
            } = ManuallyDrop::into_inner(a);
            std::mem::drop(membership);
            let own = packets.try_recv().map(|packet| packet.to_string());
            let own = own.unwrap_or("nothing".to_owned());
            assert_snapshot!(table([("leaver", own), ("others", queue(&mut b))]), @r#"
            leaver                   nothing
            others                   2["left",1]
            "#);
        },
    );
}

/// Is woken when the farewell comes, and looks at that moment whether the leaver is still in the hub:
/// its `closing` hears when its queue is dropped.
struct Listener {
    closing: Mutex<oneshot::Receiver<CloseFrame>>,
    leaver: Mutex<&'static str>,
}

impl Wake for Listener {
    fn wake(self: Arc<Self>) {
        let closing = self.closing.lock().unwrap().try_recv();
        *self.leaver.lock().unwrap() = match closing {
            Err(oneshot::error::TryRecvError::Empty) => "still in the hub",
            _ => "gone",
        };
    }
}

/// Somebody who joins in between must not find a member whose farewell is over.
#[test]
fn leaves_first_and_tells_then() {
    let advice = "First out of `queues`, then the farewell.";
    coach(advice, || {
        clue(
            "still in the hub",
            "The others hear the farewell of a member that the hub still has. Take it out first.",
        );
        let hub = Hub::default();
        let (mut a, mut b) = (super::join(&hub), super::join(&hub));
        a.membership.farewell = Some(Event::new("left", [1]));
        let Member {
            membership,
            packets: _packets,
            closing,
        } = ManuallyDrop::into_inner(a);
        let listener = Arc::new(Listener {
            closing: Mutex::new(closing),
            leaver: Mutex::new("here, and nobody heard its farewell"),
        });
        let waker = Waker::from(listener.clone());
        let waits = b.packets.poll_recv(&mut Context::from_waker(&waker));
        assert!(waits.is_pending(), "b has heard nothing yet");
        std::mem::drop(membership);
        let leaver = *listener.leaver.lock().unwrap();
        assert_snapshot!(leaver, @"gone");
    });
}

/// A farewell is a packet, and a full queue means for it what it means for others.
#[test]
fn tells_a_full_queue_as_the_hub_has_chosen() {
    coach(
        "`self.hub.emit` delivers the farewell as any event.",
        || {
            clue(
                "ConnectionId(2)",
                "B's queue was full, and it missed a farewell without a word. `emit` disconnects it: the \
             hub was told `DropClient`.",
            );
            let hub = Hub::new(Limits {
                queue: 1,
                when_full: WhenFull::DropClient,
            });
            let (mut a, _b) = (super::join(&hub), super::join(&hub));
            a.membership.farewell = Some(Event::new("left", [1]));
            hub.deliver(To::All, &"first".into());
            leave(a);
            assert_snapshot!(format!("{:?}", hub.ids()), @"[]");
        },
    );
}

/// A handler that panics takes its connection with it, and the others hear of that as well.
#[test]
fn tells_the_others_after_a_panic() {
    coach(
        "Every way out leads through `drop`, and it does the same each time.",
        || {
            clue(
                "others                   nothing",
                "A panic is a way out as well: the farewell does not depend on how it came to `drop`.",
            );
            let hub = Hub::default();
            let (mut a, mut b) = (super::join(&hub), super::join(&hub));
            a.membership.farewell = Some(Event::new("left", [1]));
            let handler = std::thread::spawn(move || {
                let _member = ManuallyDrop::into_inner(a);
                // Without a message: this panic belongs to the test.
                std::panic::resume_unwind(Box::new("as asked"))
            });
            assert!(handler.join().is_err(), "the handler panics");
            let here = format!("{:?}", hub.ids());
            assert_snapshot!(table([("in the hub", here), ("others", queue(&mut b))]), @r#"
            in the hub               [ConnectionId(2)]
            others                   2["left",1]
            "#);
        },
    );
}

/// A guard that expects to find its entry panics when the hub was faster, or says nothing.
#[test]
fn does_not_mind_that_the_hub_has_dropped_it_already() {
    let advice = "Removing what is not there is no error. And let go of the lock before `emit`.";
    coach(advice, || {
        clue(
            "others                   nothing",
            "Whom the hub drops has left, too: the farewell does not depend on the entry.",
        );
        let hub = Hub::default();
        let (mut a, mut b) = (super::join(&hub), super::join(&hub));
        a.membership.farewell = Some(Event::new("left", [1]));
        hub.disconnect(id(&a), TOO_SLOW);
        leave(a);
        let here = format!("{:?}", hub.ids());
        assert_snapshot!(table([("in the hub", here), ("others", queue(&mut b))]), @r#"
        in the hub               [ConnectionId(2)]
        others                   2["left",1]
        "#);
    });
}
