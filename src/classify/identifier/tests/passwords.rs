//! Passwords in words, beside their names in tables, and in files of known forms; what only talks of them.

use super::*;

/// The types of secrets and numbers that count in a text.
fn told(text: &str) -> Vec<String> {
    let mut told: Vec<String> = seen(&detector(), text, false).into_keys().collect();
    told.retain(|id| id.starts_with("secret.") || id.starts_with("us.ssn"));
    told
}

#[test]
fn a_password_is_found_behind_what_any_language_calls_it() {
    for text in [
        "Passwort: Blaumeise#77xk",
        "Kennwort: Blaumeise#77xk",
        "mot de passe : Moineau!2037x",
        "パスワード：Hf9#kLw2pQ",
        "contraseña: Gorrion-77xk",
        "密码是Hf9#kLw2pQ",
        "初始密码为 Hf9#kLw2pQ",
        "账号admin 密码Hf9#kLw2pQ",
        "Das Passwort ist Blaumeise#77xk",
        "PW: kranich77x",
        "the password for the admin account is Hafen!2037xQ",
        "The root password for db1 is Hafen!2037xQ",
        "Password:\nHf9#kLw2pQ",
        "Password:\r\nHf9#kLw2pQ\r\n",
        "Login: admin / Luna#8812x",
        "host\tdb1\npassword\tkranich77x\nport\t5432",
    ] {
        assert_eq!(told(text).len(), 1, "{text:?}: {:?}", told(text));
    }
}

#[test]
fn what_only_talks_of_passwords_holds_none() {
    for text in [
        "The password must be changed every 90 days.",
        "Das Passwort ist abgelaufen.",
        "password is required",
        "密码是否正确",
        "密码错误",
        "密码为空",
        "密码长度为8-16位，且密码必须包含数字",
        "Kennwort: siehe Umschlag",
        "Passwort: ____________\nName: ____________",
        "Login:\nPassword:\nE-mail:\nAddress1:",
        "Passwort:\nBestätigung:\nDatum: 26.11.2026",
        "| password | string | required, 8-64 characters |",
        "password\tvarchar(64)\tnot null",
        "read.passwords_file: /etc/misfile/passwords.txt",
        "the password for the archive is kept in the vault",
        "Das Kennwort für den Zugang ist im Umschlag 2026-11",
    ] {
        assert_eq!(told(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn what_a_program_computes_is_no_password() {
    for text in [
        "check(password=os.environ[\"MAIL_PW\"])",
        "password = os.getenv(\"MAIL_PW\")",
        "const password = process.env.MAIL_PW1;",
        "open_mail(user=u, password=secrets.get('mail-1'))",
        "password: ${MAIL_PW1}",
        "passwort = config.mail.passwort1",
        "pw = vault.read(\"mail/1\")[\"data\"]",
        "password: env::var(\"MAIL_PW1\")",
        "password => $this->settings['mail1']",
    ] {
        assert_eq!(told(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn nine_digits_are_a_social_security_number_directly_beside_their_label_alone() {
    for text in ["SSN: 512447310", "Social Security Number: 512447310", "employee,SSN\nKrag,512447310\nLund,536904399"]
    {
        assert_eq!(told(text), ["us.ssn_plain"], "{text:?}");
    }
    for text in ["Order: 512447310", "no SSN is kept here; the number of the order is 512447310", "SSN: 000447310"] {
        assert_eq!(told(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn files_that_programs_keep_passwords_in_are_known_by_their_form() {
    let hash = "9dtVvbWC/NxG8kLqw3EnHl31QxQezdPb8Pfjp9dBpY2Fiyr7oCsezkLq1MzR7yWc2Xs5tGhB8nJm4vKpQ0dAuE";
    for (text, id) in [
        (format!("root:$6$rounds=5000$abcdefgh${hash}:19000:0:99999:7:::"), "secret.crypt_hash"),
        ("db1.lindmere.internal:5432:prod:app:Hf9#kLw2pQ".to_owned(), "secret.pgpass"),
        ("{\"auths\": {\"r\": {\"auth\": \"YWRtaW46czNjcjN0LXB3\"}}}".to_owned(), "secret.docker_auth"),
        ("<AdministratorPassword>\n <Value>Vr7-kk2Zq</Value>".to_owned(), "secret.password_xml"),
    ] {
        assert_eq!(told(&text), [id], "{text}");
    }
}

#[test]
fn seed_words_are_a_secret_beside_their_label_alone() {
    let words = "lumber copper ridge velvet onion harbor maple tunnel basket silent rocket pencil";
    assert_eq!(told(&format!("Mnemonic: {words}")), ["secret.seed_phrase"]);
    assert_eq!(told(&format!("助记词：{words}\nkeep it")), ["secret.seed_phrase"]);
    assert_eq!(told(words), Vec::<String>::new());
}
