//! Stores of Outlook: where they end, and the limits of their folders.

use super::*;

#[test]
fn a_store_ends_where_its_header_says() {
    let mut head = vec![0; 1024];
    assert_eq!(end(&head, 23), None);
    head[184..192].copy_from_slice(&0x1_0000_0400_u64.to_le_bytes());
    head[168..172].copy_from_slice(&0x0002_0400_u32.to_le_bytes());
    assert_eq!((end(&head, 23), end(&head, 15)), (Some(0x1_0000_0400), Some(0x0002_0400)));
}

#[test]
fn folders_over_the_limits_are_a_fault_that_names_it() {
    let mut settings = Settings::defaults();
    settings.limits.store_folders = 3;
    settings.limits.store_depth = 2;
    // Each folder lies in the one before, or all in the first.
    let read = |is_deep: bool, count: u32, limits: &Limits| {
        let open = |node: NodeId| {
            let at = u32::from(node);
            let inner = match (is_deep, at) {
                (true, _) => (at + 1..count.min(at + 2)).collect(),
                (false, 0) => (1..count).collect(),
                (false, _) => Vec::new(),
            };
            let inner: Vec<u32> = inner;
            let inner = Some(inner.into_iter().map(NodeId::from).collect());
            Ok(Known { folder: (), name: at.to_string(), inner, has_inner: false })
        };
        let (mut folders, mut seen, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
        let mut to = Gathering { folders: &mut folders, seen: &mut seen, faults: &mut faults, limits };
        gather(&open, NodeId::from(0), "", &mut to, 0);
        let faults: Vec<(FaultReason, String)> = faults.into_iter().map(|fault| (fault.reason, fault.detail)).collect();
        (folders.into_iter().map(|folder| folder.0).collect::<Vec<_>>(), faults)
    };
    assert_eq!(read(true, 3, &settings.limits), (["0", "0/1", "0/1/2"].map(str::to_owned).to_vec(), vec![]));
    assert_eq!(read(false, 3, &settings.limits).1, []);
    for (is_deep, count, named) in [(false, 9, "limits.store_folders = 3"), (true, 4, "limits.store_depth = 2")] {
        settings.limits.store_folders = if is_deep { 9 } else { 3 };
        let (folders, faults) = read(is_deep, count, &settings.limits);
        assert_eq!(folders.len(), 3);
        let told = |fault: &(FaultReason, String)| fault.0 == FaultReason::Limit && fault.1.contains(named);
        assert!(matches!(&faults[..], [fault] if told(fault)), "{faults:?}");
    }
    // As deep as can be configured.
    settings.limits.store_depth = crate::config::DEEPEST_STORE;
    settings.limits.store_folders = 20_000;
    let deepest = u32::try_from(crate::config::DEEPEST_STORE).expect("fits");
    let (folders, faults) = read(true, deepest + 2, &settings.limits);
    assert_eq!((folders.len(), faults.len()), (crate::config::DEEPEST_STORE + 1, 1));
}

#[test]
fn a_hidden_item_is_handed_out_if_it_is_a_message_or_carries_files() {
    let cases = [
        ("IPM.Note", 0, true),
        ("ipm.note.SMIME", 0x41, true),
        ("IPM.Configuration.Rules", 0x40, false),
        ("IPM.Configuration.Rules", 0x50, true),
        ("", 0, false),
    ];
    for (class, flags, expected) in cases {
        let mut props = Props::default();
        push(&mut props, tag::FLAGS, &PropertyValue::Integer32(flags));
        props.push(tag::CLASS, Value::Text(class.to_owned()));
        assert_eq!(is_message(&props), expected, "{class} {flags:x}");
    }
}
