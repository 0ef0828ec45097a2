"""The sensitive identifiers as positive documents: fresh valid values with and without their keywords, and near misses.

A value is drawn by its shape until its check digit is right. A near miss looks the same and must not be reported: a wrong check
digit, an impossible date, a longer run of digits, or no keyword where the type is nothing without one.
`expect` is the confidence of the detector specification at the place: 85, 75 or 65; a 65 is too little to be reported by itself.
"""
import base64
import binascii
import json
import re
from dataclasses import dataclass

import bodies
import checks
from draft import Draft

PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split()
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Kind:
    """A type of identifier."""

    make: object
    keywords: tuple
    bare: int  # confidence without keyword; 0: not reported
    keyed: int
    language: str
    misses: tuple = ()  # functions of (chance, value) that answer (text, why)


KINDS = {}


def letters(chance, count, alphabet="ABCDEFGHJKLMNPRSTUVWXY"):
    return "".join(chance.choice(alphabet) for _ in range(count))


def digits(chance, count):
    return letters(chance, count, "0123456789")


def shaped(chance, shape):
    """# a digit, 1 a digit but 0, @ a capital, & a consonant, * a capital or digit; YY MM DD a birthday."""
    for part, value in (("YYYY", f"{chance.randint(1951, 2006)}"), ("YY", f"{chance.randint(51, 99)}"), ("MM", f"{chance.randint(1, 12):02}"), ("DD", f"{chance.randint(1, 28):02}")):
        shape = shape.replace(part, value.translate(str.maketrans("0123456789", "\uf000\uf001\uf002\uf003\uf004\uf005\uf006\uf007\uf008\uf009")))
    pools = {"#": "0123456789", "~": "123456789", "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "&": "BCDFGHJKLMNPQRSTVWXYZ", "*": "ABCDEFGHJKLMNPRSTUWXY0123456789"}
    return "".join(chance.choice(pools[c]) if c in pools else str(ord(c) - 0xF000) if 0xF000 <= ord(c) < 0xF00A else c for c in shape)


def until(shape, right, form=lambda text: text):
    """Draws a shape until its check is right; `form` sets the separators."""
    def make(chance):
        while True:
            text = shaped(chance, chance.choice(shape) if isinstance(shape, list) else shape)
            try:
                if right(text):
                    return form(text)
            except (IndexError, ValueError):
                continue
    return make


def grouped(*sizes, by=" "):
    """Separators between groups."""
    def form(text):
        parts, at = [], 0
        for size in sizes:
            parts, at = parts + [text[at:at + size]], at + size
        return by.join(parts)
    return form


def plain(text):
    """Without separators."""
    return re.sub(r"[^A-Za-z0-9Ñ&]", "", text)


def wrong(right):
    """Another last digit or letter."""
    def miss(chance, value):
        at = max(i for i, c in enumerate(value) if c.isalnum())
        alphabet = "0123456789" if value[at].isdigit() else "ABCDEFGHJKLMNPQRSTVWXYZ"
        for other in chance.sample(alphabet, len(alphabet)):
            text = value[:at] + other + value[at + 1:]
            try:
                if other != value[at] and not right(plain(text)):
                    return text, "check"
            except (IndexError, ValueError):
                return text, "check"
        return None
    return miss


def longer(chance, value):
    """The same inside a longer run of digits."""
    return (f"{chance.randint(100, 999)}{plain(value)}{chance.randint(100, 999)}", "longer run")


def replaced(pattern, by, why):
    """A part made impossible."""
    def miss(chance, value):
        text = re.sub(pattern, by, value, count=1)
        return (text, why) if text != value else None
    return miss


def kind(name, scores, language, keywords, make, *misses, right=None, digit_run=True):
    """Enters a type."""
    bare, keyed = map(int, scores.split())
    more = ([wrong(right)] if right else []) + ([longer] if right and digit_run else [])
    KINDS[name] = Kind(make, tuple(keywords.split("|")), bare, keyed, language, (*more, *misses))


def checked(name, scores, language, keywords, shape, right, *misses, form=lambda text: text, run=True):
    """Enters a type with a check digit."""
    kind(name, scores, language, keywords, until(shape, right, form), *misses, right=right, digit_run=run)


def shapes(*options):
    return lambda chance: shaped(chance, chance.choice(options))


# --- China -------------------------------------------------------------------------------------------------------------------

BAD_PROVINCE = replaced(r"^\d\d", "99", "province")
checked("cn.resident_id", "75 85", "zh", "身份证号|身份证号码|公民身份号码|居民身份证", [p + "####YYYYMMDD###" + x for p in PROVINCES for x in "0123456789X"], checks.resident,
        lambda chance, value: next(((t, "month 13") for last in "0123456789X" if checks.resident(t := value[:10] + "13" + value[12:17] + last)), None),
        lambda chance, value: next((t, "province") for last in "0123456789X" if checks.resident(t := "98" + value[2:17] + last)))
kind("cn.resident_id15", "0 75", "zh", "身份证号|身份证号码|一代身份证", shapes(*[p + "####YYMMDD###" for p in PROVINCES]), replaced(r"^(\d{8})\d\d", r"\g<1>14", "month"))
checked("cn.hkid", "65 85", "zht", "香港身份證|HKID|身份證號碼", ["@######" + c for c in "0123456789A"], checks.hkid, form=lambda t: f"{t[:-1]}({t[-1]})", run=False)
kind("cn.macau_id", "0 75", "zht", "澳門居民身份證|BIR", shapes("1######(#)", "5######(#)", "7######(#)"), replaced(r"^\d", "4", "first digit"))
checked("cn.tw_id", "65 85", "zht", "身分證字號|國民身分證|統一證號", ["@1########", "@2########"], checks.tw_id, run=False)
checked("cn.tw_arc_old", "75 85", "zht", "居留證|統一證號", ["@A########", "@C########", "@D########"], checks.tw_id, run=False)
kind("cn.hk_macau_permit", "0 75", "zh", "回乡证号|港澳居民来往内地通行证|通行证", shapes("H########", "M########"), replaced(r"^.", "K", "prefix"))
kind("cn.tw_permit", "0 65", "zh", "台胞证号|台湾居民来往大陆通行证", shapes("########"), replaced(r".$", "", "7 digits"))
kind("cn.passport", "0 75", "zh", "护照号|护照号码|护照", lambda chance: "E" + chance.choice([digits(chance, 8), letters(chance, 1, "ABCDEFGHJKLM") + digits(chance, 7)]), replaced(r"^E.", "EO", "letter O"))


def credit_code(chance):
    while True:
        unit = digits(chance, 8) if chance.random() < 0.5 else "MA" + letters(chance, 6, "0123456789ABCDEFGHJKLMNPQRTUWXY")
        head = f"91{chance.choice(PROVINCES)}01{chance.randint(1, 20):02}"
        for a in "0123456789X":
            for b in checks.USCC:
                if checks.uscc(text := head + unit + a + b):
                    return text


kind("cn.uscc", "75 85", "zh", "统一社会信用代码|信用代码|纳税人识别号", credit_code, replaced(r"^(.{5}).", r"\g<1>I", "letter I"), right=checks.uscc, digit_run=False)
checked("cn.org_code", "65 85", "zh", "组织机构代码|机构代码", ["########" + c for c in "0123456789X"], checks.org_code, form=lambda t: f"{t[:8]}-{t[8]}", run=False)
MOBILE = "130 135 138 139 147 150 151 158 159 166 170 173 176 177 180 185 186 187 189 191 198 199".split()
kind("cn.mobile", "65 75", "zh", "手机|手机号|联系电话|移动电话", lambda chance: (p := chance.choice(MOBILE), a := digits(chance, 4), b := digits(chance, 4)) and
     chance.choice([p + a + b, p + a + b, f"{p}-{a}-{b}", f"{p} {a} {b}", f"+86 {p}{a}{b}"]), lambda chance, value: ("12" + digits(chance, 9), "prefix 12"), longer)
kind("cn.landline", "65 75", "zh", "电话|传真|座机", lambda chance: f"{chance.choice(['010', '021', '023', '0755', '0571', '0871', '029'])}-{chance.randint(2, 8)}{digits(chance, 7)}",
     lambda chance, value: (f"0001-{digits(chance, 8)}", "area code"), lambda chance, value: (value + "26", "too long"))
kind("cn.vehicle_plate", "65 85", "zh", "车牌号|号牌号码|车牌", lambda chance: chance.choice("京沪粤苏浙鲁川渝鄂湘皖闽") + letters(chance, 1, "ABCDEFGH") + chance.choice(["", "·"]) +
     chance.choice([digits(chance, 5), digits(chance, 2) + letters(chance, 1) + digits(chance, 2), "D" + digits(chance, 5)]), replaced(r"^(.).", r"\1I", "letter I"))
checked("vin", "75 85", "zh", "车架号|车辆识别代号|VIN", ["LFV**********####", "LSG**********####", "1HG**********####"], checks.vin, run=False)
kind("cn.military_id", "75 85", "zh", "军官证|士兵证|文职干部证", lambda chance: f"{chance.choice(['军', '士', '政', '后', '海', '空'])}字第{digits(chance, chance.choice([7, 8]))}号", replaced(r"\d+", "37", "too short"))
kind("cn.official_doc_no", "75 75", "zh", "文号|参见|依据", lambda chance: f"{chance.choice(['云水发', '临发改', '北应急', '松港办'])}〔{chance.randint(2014, 2026)}〕{chance.randint(1, 400)}号", replaced("〔|〕", "", "no bracket"))
kind("cn.court_case_no", "85 85", "zh", "案号|判决书|裁定书", lambda chance: f"（{chance.randint(2012, 2026)}）{chance.choice('京沪粤苏浙')}{digits(chance, 2)}{digits(chance, 2)}{chance.choice(['民初', '民终', '刑初', '行初', '执'])}{chance.randint(10, 9999)}号",
     replaced(r"(京|沪|粤|苏|浙)\d{4}(民初|民终|刑初|行初|执)", "第", "no court"))
kind("cn.real_estate_cert", "85 85", "zh", "不动产权证|房产证", lambda chance: f"{chance.choice(['苏', '浙', '粤', '鲁'])}（{chance.randint(2016, 2026)}）{chance.choice(['云岭市', '临川区', '北岸区'])}不动产权第{digits(chance, 7)}号", replaced(r"第\d+号", "第号", "no number"))
kind("cn.address", "65 75", "zh", "住址|地址|通讯地址", lambda chance: f"{chance.choice(['云南省昆明市', '江苏省南京市', '浙江省宁波市', '四川省成都市'])}{chance.choice(['北岸区', '东渠区', '南湖区'])}{chance.choice(['望海路', '石门街', '清远大道', '柳荫巷'])}{chance.randint(1, 688)}号",
     lambda chance, value: (value[:6], "no street"))
kind("cn.labelled_name", "65 65", "zh", "", lambda chance: f"{chance.choice(['姓名', '联系人', '申请人', '法定代表人', '患者'])}：{chance.choice(bodies.NAMES['zh'])}", replaced(r"：.*", "：", "no value"))

# --- money ---------------------------------------------------------------------------------------------------------------------

checked("pan.card", "65 85", "zh", "银行卡号|卡号|账号|信用卡", ["62##############", "62#################", "4###############", "51##############"], checks.luhn,
        lambda chance, value: next((t, "issuer") for last in "0123456789" if checks.luhn(t := "17" + value[2:15] + last)), form=lambda t: grouped(4, 4, 4, 4)(t) if len(t) == 16 and int(t[7]) % 2 else t)
kind("pan.track", "85 85", "en", "", lambda chance: (number := until("4###############", checks.luhn)(chance)) and chance.choice([f"%B{number}^{letters(chance, 6)}/{letters(chance, 4)}^2{chance.randint(7, 9)}0{chance.randint(1, 9)}10100000", f";{number}=2{chance.randint(7, 9)}0{chance.randint(1, 9)}10100000"]),
     replaced(r"4\d{12}", "4711", "too short"))


def iban(country, shape):
    def make(chance):
        body = shaped(chance, shape)
        number = int("".join(str(checks.ALNUM.index(c)) for c in body + country + "00"))
        text = f"{country}{98 - number % 97:02}{body}"
        return text if chance.random() < 0.5 else " ".join(text[i:i + 4] for i in range(0, len(text), 4))
    return make


ibans = [iban("DE", "##################"), iban("GB", "NWBK##############"), iban("FR", "#######################"), iban("NL", "INGB##########"), iban("AT", "################"), iban("CH", "#################")]
kind("iban", "85 85", "de", "IBAN|Konto", lambda chance: chance.choice(ibans)(chance), right=lambda text: checks.mod97(text[4:] + text[:4]), digit_run=False)
kind("swift_bic", "0 75", "en", "SWIFT|BIC", lambda chance: letters(chance, 4) + chance.choice("DE FR GB CN JP CH".split()) + letters(chance, 2, "2357ABCF") + chance.choice(["", "XXX", digits(chance, 3)]), replaced(r"^(.{4})..", r"\1QQ", "country"))
checked("us.aba", "65 85", "en", "routing number|ABA|ACH", ["0########", "11#######", "3########"], lambda t: checks.aba(t) and not t.startswith(("00", "33", "34", "35", "36", "37", "38", "39")))
kind("us.bank_account", "0 65", "en", "checking account|account number|bank account", shapes("~###########", "~#########"), replaced(r"^(.{5}).*", r"\1", "too short"))
kind("lei", "75 85", "en", "LEI|legal entity identifier", lambda chance: (b := digits(chance, 4) + letters(chance, 14, checks.ALNUM)) + f"{98 - int(''.join(str(checks.ALNUM.index(c)) for c in b + '00')) % 97:02}", right=checks.mod97, digit_run=False)

# --- United States, Canada -----------------------------------------------------------------------------------------------------

kind("us.ssn", "65 85", "en", "SSN|social security number", lambda chance: f"{chance.choice([chance.randint(101, 665), chance.randint(700, 772)])}-{chance.randint(1, 99):02}-{chance.randint(1, 9999):04}", replaced(r"^\d{3}", "666", "area"), replaced(r"-\d\d-", "-00-", "group"))
kind("us.itin", "65 85", "en", "ITIN|taxpayer", lambda chance: f"9{digits(chance, 2)}-{chance.choice([50, 57, 62, 70, 78, 83, 90, 91, 94, 99])}-{digits(chance, 4)}", replaced(r"-\d\d-", "-93-", "group"))
kind("us.ein", "0 75", "en", "EIN|employer identification|FEIN", lambda chance: f"{chance.choice([12, 20, 27, 36, 45, 52, 61, 74, 82, 95])}-{digits(chance, 7)}", replaced(r"^\d\d", "07", "prefix"))
checked("us.npi", "65 85", "en", "NPI|provider identifier", ["1#########", "2#########"], lambda t: checks.luhn("80840" + t))
checked("us.dea", "65 85", "en", "DEA|prescriber", ["A@#######", "B@#######", "F@#######"], checks.dea, run=False)
MBI = {"c": "123456789", "a": "ACDEFGHJKMNPQRTUVWXY", "n": "0123456789", "x": "0123456789ACDEFGHJKMNPQRTUVWXY", "-": "-"}
kind("us.mbi", "65 85", "en", "Medicare|MBI", lambda chance: "".join(chance.choice(MBI[c]) for c in "caxn-axn-aann"), replaced(r"..(\d\d)$", r"SO\1", "letter S"))
kind("us.passport", "0 75", "en", "U.S. passport|passport", shapes("A########", "5########"), replaced(r"^(.{5}).*", r"\1", "too short"))
kind("us.driver_license", "0 75", "en", "driver's license|DL#|operator license", shapes("@#######", "@############"), replaced(r"^(.{3}).*", r"\1", "too short"))
checked("ca.sin", "65 85", "en", "SIN|social insurance", ["1########", "5########", "7########"], checks.luhn, form=grouped(3, 3, 3))

# --- Europe ----------------------------------------------------------------------------------------------------------------------

kind("gb.nino", "65 85", "en", "NINO|national insurance", lambda chance: letters(chance, 1, "ABCEHJLMPRSTWXY") + letters(chance, 1, "ABCEHJLMPRSWXY") + f" {digits(chance, 2)} {digits(chance, 2)} {digits(chance, 2)} " + letters(chance, 1, "ABCD"), replaced(r"^..", "QQ", "prefix"), replaced(r".$", "F", "suffix"))
checked("gb.nhs", "65 85", "en", "NHS number|NHS", "~#########", checks.nhs, form=grouped(3, 3, 4))
checked("gb.utr", "0 85", "en", "UTR|unique taxpayer", "##########", checks.utr, run=False)
kind("gb.driver_license", "75 85", "en", "driving licence|DVLA", lambda chance: letters(chance, 5) + f"{chance.randint(5, 9)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(0, 9)}{letters(chance, 2)}9{letters(chance, 2)}", replaced(r"^(.{8})..", r"\g<1>38", "day"))
kind("gb.passport", "0 75", "en", "UK passport|passport number", shapes("~########"), replaced(r".$", "", "8 digits"))
kind("gb.sort_account", "65 85", "en", "sort code", shapes("20-##-## ########", "40-##-## ########", "60-##-## ########"), replaced(r".$", "", "7 digits"))
checked("ie.pps", "65 85", "en", "PPS|PPSN", "#######@", checks.pps, run=False)
checked("de.steuerid", "65 85", "de", "Steuer-ID|IdNr|Steueridentifikationsnummer", "~##########", checks.steuerid, form=lambda t: grouped(2, 3, 3, 3)(t) if int(t[3]) % 2 else t)
checked("de.rvnr", "75 85", "de", "Rentenversicherungsnummer|SV-Nummer", ["15DDMMYY@###", "65DDMMYY@###", "43DDMMYY@###"], checks.rvnr, replaced(r"^(\d{4})\d\d", r"\g<1>13", "month"), run=False)
checked("de.id_card", "65 85", "de", "Personalausweis|Ausweisnummer", ["L########~", "T22######~", "C01X0####~"], lambda t: checks.icao(t[:9]) == t[9], run=False)
kind(
    "fr.nir", "85 85", "fr", "NIR|numéro de sécurité sociale", lambda chance: (b := shaped(chance, chance.choice("12") + "YYMM") + f"{chance.choice([13, 33, 35, 59, 69, 75, 92])}{chance.randint(1, 400):03}{chance.randint(1, 600):03}") and
    grouped(1, 2, 2, 2, 3, 3, 2)(b + f"{97 - int(b) % 97:02}"), right=checks.nir)
DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
kind("es.dni", "65 85", "es", "DNI|NIF", lambda chance: (n := digits(chance, 8)) + DNI[int(n) % 23], right=checks.dni, digit_run=False)
kind("es.nie", "75 85", "es", "NIE", lambda chance: (n := chance.choice("XYZ") + digits(chance, 7)) + DNI[int(n.translate(str.maketrans("XYZ", "012"))) % 23], right=checks.dni, digit_run=False)
checked("it.cf", "85 85", "it", "codice fiscale|C.F.", [f"&&&&&&YY{m}{d:02}@###@" for m in "ABCDEHLMPRST" for d in (3, 11, 24, 47, 61)], checks.codice, run=False)
checked("nl.bsn", "65 85", "nl", "BSN|burgerservicenummer", "~########", checks.bsn)
checked("be.nn", "75 85", "fr", "numéro national|NISS", "YYMMDD1##~~", checks.belgian, form=lambda t: f"{t[:2]}.{t[2:4]}.{t[4:6]}-{t[6:9]}.{t[9:]}")
checked("pl.pesel", "65 85", "pl", "PESEL", "YYMMDD#####", checks.pesel)
checked("pl.nip", "65 85", "pl", "NIP", "~#########", checks.nip, form=grouped(3, 3, 2, 2, by="-"))
checked("se.personnummer", "75 85", "sv", "personnummer", "YYMMDD####", checks.luhn, replaced(r"^(..)..", r"\g<1>14", "month"), form=grouped(6, 4, by="-"))
kind("dk.cpr", "65 85", "da", "CPR", lambda chance: f"{chance.randint(1, 28):02}{chance.randint(1, 12):02}{chance.randint(51, 99)}-{chance.randint(0, 3)}{digits(chance, 3)}", replaced(r"^....", "3104", "31 April"))
checked("fi.hetu", "85 85", "fi", "henkilötunnus|HETU", ["DDMMYY-~##" + c for c in "0123456789ABCDEFHJKLMNPRSTUVWXY"], lambda t: t[7] != "9" and checks.hetu(t), run=False)
KINDS["fi.hetu"] = Kind(KINDS["fi.hetu"].make, ("henkilötunnus", "HETU"), 85, 85, "fi", (lambda chance, value: (value[:-1] + next(c for c in "KLMNP" if c != value[-1]), "check"), replaced(r"^....", "3102", "31 February")))
checked("no.fnr", "75 85", "no", "fødselsnummer|personnummer", ["DDMMYY1####", "DDMMYY3####"], checks.fnr)
checked("at.svnr", "65 85", "de", "Versicherungsnummer|SVNR", "~###DDMMYY", checks.svnr, form=grouped(4, 6))
checked("ch.ahv", "75 85", "de", "AHV|AHV-Nummer", "756##########", checks.ean, form=grouped(3, 4, 4, 2, by="."), run=False)
checked("pt.nif", "65 85", "pt", "NIF|contribuinte", ["1########", "2########", "5########"], checks.pt_nif)
checked("hr.oib", "65 85", "en", "OIB", "~##########", checks.mod11_10)
checked("ro.cnp", "65 85", "en", "CNP|cod numeric personal", [f"{sex}YYMMDD{county:02}####" for sex in (1, 2) for county in (3, 12, 22, 40)], checks.cnp)
checked("bg.egn", "65 85", "en", "EGN|ЕГН", "YYMMDD####", checks.egn)
checked("cz.rc", "75 85", "en", "rodné číslo|RČ", "YYMMDD####", lambda t: int(t) % 11 == 0, form=lambda t: f"{t[:6]}/{t[6:]}", run=False)
checked("gr.amka", "65 85", "en", "AMKA|ΑΜΚΑ", "DDMMYY#####", checks.luhn)
checked("ee.ik", "65 85", "en", "isikukood|asmens kodas", ["3YYMMDD####", "4YYMMDD####"], checks.ik)
vats = [until("DE~########", lambda t: checks.mod11_10(t[2:])), until("ATU########", lambda t: checks.at_vat(t[3:])), until("PL~#########", lambda t: checks.nip(t[2:]))]
kind("eu.vat", "75 85", "de", "USt-IdNr|VAT", lambda chance: chance.choice(vats)(chance), right=lambda t: {"DE": lambda: checks.mod11_10(t[2:]), "AT": lambda: checks.at_vat(t[3:]), "PL": lambda: checks.nip(t[2:])}[t[:2]](), digit_run=False)

# --- the rest of the world -----------------------------------------------------------------------------------------------------------

checked("au.tfn", "65 85", "en", "TFN|tax file number", "~########", checks.tfn, form=grouped(3, 3, 3))
checked("au.abn", "65 85", "en", "ABN|business number", "~##########", checks.abn, form=grouped(2, 3, 3, 3))
checked("au.medicare", "65 85", "en", "medicare", ["2########1", "3########2", "5########1"], checks.medicare, form=grouped(4, 5, 1), run=False)
KINDS["au.medicare"] = Kind(KINDS["au.medicare"].make, ("medicare",), 65, 85, "en", (lambda chance, value: (f"{value[:9]}{(int(value[9]) + 3) % 10}{value[10:]}", "check"),))
checked("nz.ird", "65 85", "en", "IRD|inland revenue", ["0~#######", "10#######"], checks.ird, form=lambda t: grouped(3, 3, 3, by="-")(t) if t[0] != "0" else grouped(2, 3, 3, by="-")(t[1:]), run=False)
KINDS["nz.ird"] = Kind(KINDS["nz.ird"].make, ("IRD", "inland revenue"), 65, 85, "en", (lambda chance, value: (value[:-1] + str((int(value[-1]) + 4) % 10), "check"),))
checked("in.aadhaar", "65 85", "en", "Aadhaar|UIDAI", ["3###########", "7###########"], checks.verhoeff, form=grouped(4, 4, 4))
kind("in.pan", "65 85", "en", "permanent account number|income tax|PAN", lambda chance: letters(chance, 3) + chance.choice("PCHF") + letters(chance, 1) + f"{chance.randint(1, 9999):04}" + letters(chance, 1), replaced(r"^(...).", r"\1Z", "holder type"), replaced(r"\d{4}", "0000", "serial"))
checked("in.gstin", "85 85", "en", "GSTIN|GST", ["27@@@P@####@1Z*", "07@@@C@####@1Z*", "33@@@P@####@2Z*"], checks.gstin, run=False)
checked("br.cpf", "75 85", "pt", "CPF", "###########", checks.cpf, form=lambda t: f"{t[:3]}.{t[3:6]}.{t[6:9]}-{t[9:]}")
checked("br.cnpj", "75 85", "pt", "CNPJ", "########0001##", checks.cnpj, form=lambda t: f"{t[:2]}.{t[2:5]}.{t[5:8]}/{t[8:12]}-{t[12:]}")
checked("mx.curp", "85 85", "es", "CURP|clave única", ["&A&&YYMMDDHDF&&&0#", "&E&&YYMMDDMJC&&&0#"], checks.curp, run=False)
checked("mx.rfc", "75 85", "es", "RFC|registro federal", ["&A&&YYMMDD**#", "&O&&YYMMDD**#"], checks.rfc, replaced(r"^(.{6})..", r"\g<1>13", "month"), run=False)
KINDS["mx.rfc"] = Kind(KINDS["mx.rfc"].make, ("RFC", "registro federal"), 75, 85, "es", (replaced(r"^(.{6})..", r"\g<1>13", "month"),))
checked("za.id", "75 85", "en", "identity number|RSA ID", "YYMMDD####08#", checks.luhn, replaced(r"^(..)..", r"\g<1>15", "month"))
checked("kr.rrn", "75 85", "ko", "주민등록번호|주민번호", ["YYMMDD1######", "YYMMDD2######"], checks.rrn, replaced(r"^(..)..", r"\g<1>14", "month"), form=grouped(6, 7, by="-"), run=False)
KINDS["kr.rrn"] = Kind(KINDS["kr.rrn"].make, ("주민등록번호", "주민번호"), 75, 85, "ko", (replaced(r"^(..)..", r"\g<1>14", "month"),))
checked("kr.brn", "65 85", "ko", "사업자등록번호|사업자번호", "~#########", checks.brn, form=grouped(3, 2, 5, by="-"), run=False)
checked("jp.mynumber", "65 85", "ja", "個人番号|マイナンバー", "~###########", checks.mynumber, form=lambda t: grouped(4, 4, 4)(t) if int(t[5]) % 2 else t)
checked("jp.corporate", "65 85", "ja", "法人番号", "~############", checks.corporate)
checked("sg.nric", "75 85", "en", "NRIC|FIN", ["S#######@", "T0######@", "G#######@"], checks.nric, run=False)
kind("my.nric", "0 85", "en", "MyKad|kad pengenalan", shapes("YYMMDD-14-####", "YYMMDD-07-####", "YYMMDD-10-####"), replaced(r"-\d\d-", "-17-", "birthplace"), replaced(r"^(..)..", r"\g<1>13", "month"))
checked("th.pin", "65 85", "en", "เลขประจำตัวประชาชน|บัตรประชาชน", ["1############", "3############"], checks.thai, form=grouped(1, 4, 5, 2, 1, by="-"), run=False)
kind("id.nik", "0 85", "en", "NIK|KTP", shapes("3171##DDMMYY####", "3273##DDMMYY####", "5103##DDMMYY####"), replaced(r"^(.{8})..", r"\g<1>13", "month"), replaced(r"^..", "99", "province"))
checked("tr.tckn", "65 85", "tr", "TCKN|T.C. kimlik", "~##########", checks.tckn)
checked("il.id", "65 85", "he", "תעודת זהות|ת.ז", ["0########", "3########"], checks.luhn)
checked("ru.inn", "65 85", "ru", "ИНН", ["77##########", "5###########", "78########"], checks.inn)
checked("ru.snils", "75 85", "ru", "СНИЛС", "1##########", checks.snils, form=lambda t: f"{t[:3]}-{t[3:6]}-{t[6:9]} {t[9:]}", run=False)
kind("ru.passport", "0 75", "ru", "паспорт|паспорт серия", lambda chance: f"{chance.choice([45, 46, 40, 52, 65])} {chance.randint(2, 23):02} № {digits(chance, 6)}", replaced(r"№ (\d{4}).*", r"№ \1", "too short"))
checked("ua.rntrc", "65 85", "uk", "РНОКПП|ІПН", ["2#########", "3#########"], checks.rntrc)
checked("ar.cuit", "75 85", "es", "CUIT|CUIL", ["20#########", "27#########"], checks.cuit, form=lambda t: f"{t[:2]}-{t[2:10]}-{t[10]}", run=False)
checked("cl.rut", "65 85", "es", "RUT", ["1########", "2########", "1#######K"], checks.rut, form=lambda t: f"{t[:2]}.{t[2:5]}.{t[5:8]}-{t[8]}", run=False)

# --- contact, technical, wallets -----------------------------------------------------------------------------------------------------

kind("email", "75 75", "en", "e-mail|mail", lambda chance: f"{chance.choice(['alma.brandt', 'h_sollberg', 'p.garnier+ops', 'mcastell', 'rui-tavares'])}{chance.randint(1, 99)}@{chance.choice(['lindmere.co.uk', 'norvika.no', 'mail.aldenau.de', 'harwick-foods.com'])}", replaced(r"(@\w+).*", r"\1", "no domain"))
kind("phone.intl", "75 85", "en", "phone|tel|mobile", lambda chance: chance.choice([f"+44 20 7{digits(chance, 3)} {digits(chance, 4)}", f"+49 30 {chance.randint(2, 8)}{digits(chance, 7)}", f"+33 1 4{chance.randint(2, 9)} {digits(chance, 2)} {digits(chance, 2)} {digits(chance, 2)}",
     f"+1 212-{chance.randint(2, 9)}{chance.randint(2, 9)}{digits(chance, 1)}-{digits(chance, 4)}", f"+81 3-{chance.randint(3, 6)}{digits(chance, 3)}-{digits(chance, 4)}"]), replaced(r"^\+\d+", "+999", "country code"), replaced(r"^(\+\d+).*", r"\1 284", "too short"))
kind("ip.v4", "65 75", "en", "server|host|IP", lambda chance: chance.choice([f"10.{chance.randint(1, 250)}", f"172.{chance.randint(16, 31)}", "192.168"]) + f".{chance.randint(1, 250)}.{chance.randint(1, 250)}",
     replaced(r"\.\d+$", ".277", "octet"), lambda chance, value: (value + ".4.1", "six groups"), lambda chance, value: ("127.0.0.1", "loopback"))
kind("ip.v6", "65 75", "en", "IPv6", lambda chance: f"2001:{chance.randint(0x400, 0xfff):x}:{chance.randint(0x100, 0xffff):x}::{chance.randint(0x100, 0xffff):x}:{chance.randint(0x10, 0xffff):x}", lambda chance, value: (f"{chance.randint(10, 23)}:{chance.randint(10, 59)}:{chance.randint(10, 59)}", "time"), replaced("::", "::1::", "two gaps"))
kind("mac", "75 85", "en", "MAC", lambda chance: chance.choice(":-").join(f"{b:02X}" for b in [chance.choice([0x3C, 0x58, 0x9C, 0xB4]), *(chance.randrange(256) for _ in range(5))]), replaced(r".$", "G", "letter G"), replaced(r"...$", "", "five groups"))
checked("imei", "0 85", "en", "IMEI", ["35#############", "86#############"], checks.luhn)
kind("imsi", "0 75", "zh", "IMSI", shapes("46000##########", "46001##########", "46011##########"), replaced(r"^.{5}", "46099", "network"))
kind("geo.coord", "65 75", "zh", "坐标|经纬度|GPS", lambda chance: f"{chance.randint(20, 45)}.{digits(chance, 6)}, {chance.randint(100, 125)}.{digits(chance, 6)}", replaced(r"^\d+", "97", "latitude"), replaced(r"^(\d+\.\d)\d+, (\d+\.\d)\d+", r"\1, \2", "precision"))
kind("crypto.btc_base58", "85 85", "en", "bitcoin|BTC|wallet", lambda chance: checks.base58check(bytes([chance.choice([0, 5])]) + chance.randbytes(20)), lambda chance, value: (value[:-1] + ("a" if value[-1] != "a" else "b"), "check"))
kind("crypto.btc_bech32", "85 85", "en", "bitcoin|BTC|wallet", lambda chance: checks.bech32(*chance.choice([(0, chance.randbytes(20)), (1, chance.randbytes(32))])), lambda chance, value: (value[:-1] + ("q" if value[-1] != "q" else "p"), "check"))
kind("crypto.eth", "85 85", "en", "ethereum|ETH|wallet", lambda chance: checks.eip55(chance.randbytes(20).hex()), lambda chance, value: (value[:2] + value[2:].swapcase(), "case"), replaced(r".$", "", "39 digits"))


def mrz(form):
    """A machine-readable zone with its digits."""
    def make(chance):
        name = f"{letters(chance, 7)}<<{letters(chance, 5)}"
        number, birth, expiry, sex, state = "E" + digits(chance, 8), shaped(chance, "YYMMDD"), f"{chance.randint(27, 36)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}", chance.choice("MF"), chance.choice(["CHN", "UTO", "FRA", "GBR"])
        number, birth, expiry = (part + checks.icao(part) for part in (number, birth, expiry))
        if form == "td3":
            body = number + state + birth + sex + expiry + "<" * 14 + "<"
            return f"P<{state}{name}".ljust(44, "<") + "\n" + body + checks.icao(body[:10] + body[13:20] + body[21:43])
        if form == "td2":
            body = number + state + birth + sex + expiry + "<" * 7
            return f"I<{state}{name}".ljust(36, "<") + "\n" + body + checks.icao(body[:10] + body[13:20] + body[21:35])
        first = f"I<{state}{number}".ljust(30, "<")
        second = birth + sex + expiry + state + "<" * 11
        return first + "\n" + second + checks.icao(first[5:] + second[:7] + second[8:15] + second[18:29]) + "\n" + name.ljust(30, "<")
    return make


def wrong_composite(chance, value):
    lines = value.split("\n")
    lines[1] = lines[1][:-1] + str((int(lines[1][-1]) + chance.randint(1, 8)) % 10)
    return "\n".join(lines), "composite digit"


for form in ("td3", "td1", "td2"):
    kind(f"mrz.{form}", "85 85", "en", "", mrz(form), wrong_composite)

# --- secrets -----------------------------------------------------------------------------------------------------------------------

def token(prefix, count, alphabet=BASE62, suffix=""):
    return lambda chance: prefix + letters(chance, count, alphabet) + suffix


def crc_token(*prefixes):
    """GitHub and npm: the last six characters are a CRC-32."""
    def make(chance):
        body, number, tail = letters(chance, 30, BASE62), 0, ""
        number = binascii.crc32(body.encode())
        while number:
            number, digit = divmod(number, 62)
            tail = BASE62[digit] + tail
        return chance.choice(prefixes) + body + tail.rjust(6, "0")
    return make


def b64(chance, count):
    return base64.b64encode(chance.randbytes(count)).decode()


def uuid(chance):
    return "-".join(letters(chance, n, "0123456789abcdef") for n in (8, 4, 4, 4, 12))


def jwt(chance):
    part = lambda data: base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")
    return ".".join([part({"alg": "HS256", "typ": "JWT"}), part({"sub": digits(chance, 9), "iat": chance.randint(1600000000, 1800000000)}), base64.urlsafe_b64encode(chance.randbytes(32)).decode().rstrip("=")])


def password(chance):
    return letters(chance, 4, "abcdefghkmnp") + chance.choice("-_#%") + letters(chance, 3, "QRSTUVWX") + digits(chance, 3) + chance.choice("!$+.")


def pem(chance):
    head = chance.choice(["RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED "]) + "PRIVATE KEY"
    text = b64(chance, 360)
    return f"-----BEGIN {head}-----\n" + "\n".join(text[i:i + 64] for i in range(0, len(text), 64)) + f"\n-----END {head}-----"


SHORT = replaced(r"^(.{9}).*", r"\1...", "short")
URLSAFE = BASE62 + "-_"
TYPED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
secret = lambda name, make, *misses, scores="85 85", language="en", keywords="": kind(f"secret.{name}", scores, language, keywords, make, *misses)
secret("pem_private_key", pem, replaced(r"(?s).*", "-----BEGIN PUBLIC KEY-----", "public key"))
secret("putty_ppk", lambda chance: f"PuTTY-User-Key-File-{chance.choice('23')}: ecdsa-sha2-nistp256", replaced(r"-[23]:", "-7:", "version"))
secret("aws_access_key_id", token("AKIA", 16, TYPED), SHORT, replaced(r"^(A...).*", r"\1XXXXXXXXXEXAMPLE", "documentation"))
secret("aws_secret_key", lambda chance: f"aws_secret_access_key = {b64(chance, 30)}", replaced(r"= .*", "= ${AWS_KEY}", "variable"))
secret("gcp_api_key", token("AIza", 35, URLSAFE), SHORT)
secret("gcp_service_account", lambda chance: '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\n' + b64(chance, 90) + '\\n-----END PRIVATE KEY-----\\n"}', replaced(r".*", "a service_account is needed", "prose"))
secret("azure_storage_key", lambda chance: f"AccountKey={b64(chance, 64)}", replaced(r"=.*", "=<your-account-key>", "placeholder"))
secret("azure_ad_client_secret", lambda chance: f"{letters(chance, 3, BASE62)}{digits(chance, 1)}Q~{letters(chance, 34, BASE62)}", replaced("Q~", "Q-", "no Q~"))
secret("azure_sas", lambda chance: f"https://lindmere.blob.core.windows.net/out?sv=2022-11-02&sr=c&sig={b64(chance, 32).replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}", replaced(r"sig=.*", "sig=abc", "short"))
secret("github_token", crc_token("ghp_", "gho_", "ghs_"), SHORT)
secret("github_fine_grained", lambda chance: f"github_pat_{letters(chance, 22, BASE62)}_{letters(chance, 59, BASE62)}", replaced(r"pat_.*", "pat_xxxx", "placeholder"))
secret("gitlab_pat", token("glpat-", 20, URLSAFE), replaced(r"-.*", "-" + "x" * 22, "placeholder"))
secret("slack_token", lambda chance: f"xoxb-{digits(chance, 12)}-{digits(chance, 12)}-{letters(chance, 24, BASE62)}", replaced("xoxb", "xoxz", "family"))
secret("slack_webhook", lambda chance: f"https://hooks.slack.com/services/T{letters(chance, 9, checks.ALNUM)}/B{letters(chance, 9, checks.ALNUM)}/{letters(chance, 24, BASE62)}", replaced("hooks.slack", "docs.slack", "other host"))
secret("dingtalk_wecom_webhook", lambda chance: chance.choice([f"https://oapi.dingtalk.com/robot/send?access_token={chance.randbytes(32).hex()}", f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={uuid(chance)}",
                                                         f"https://open.feishu.cn/open-apis/bot/v2/hook/{uuid(chance)}"]), replaced(r"[0-9a-f-]{30,}", "0f3", "short"))
secret("stripe", token("sk_live_", 24), replaced("sk_", "pk_", "publishable"))
secret("openai", lambda chance: f"sk-proj-{letters(chance, 60, BASE62)}T3BlbkFJ{letters(chance, 60, BASE62)}", replaced(r"-.*", "-...", "placeholder"))
secret("anthropic", token("sk-ant-api03-", 93, URLSAFE, "AA"), replaced(r"^(.{40}).*", r"\1", "short"))
secret("npm", crc_token("npm_"), SHORT)
secret("pypi", token("pypi-AgEIcHlwaS5vcmc", 80, URLSAFE), replaced(r"^(.{19}).*", r"\1", "short"))
secret("huggingface", token("hf_", 34, BASE62[10:]), replaced(r"_.*", "_hub_upload", "function"))
secret("alibaba_ak", token("LTAI5t", 18), SHORT, keywords="AccessKey|阿里云", language="zh")
secret("tencent_ak", token("AKID", 32), SHORT, keywords="SecretId|腾讯云", language="zh")
secret("wechat_appsecret", lambda chance: f"AppSecret: {chance.randbytes(16).hex()}", replaced(r": .*", ": " + "0" * 32, "entropy"), scores="65 85", language="zh", keywords="微信 appid wx3f0a9c5d7e1b2846")
secret("jwt", jwt, replaced(r"^(.{12}).*", r"\1.eyJzdWIi.x", "truncated"))
secret("uri_credentials", lambda chance: f"{chance.choice(['postgres', 'mysql', 'redis', 'amqp', 'ftp'])}://{chance.choice(['svc', 'deploy', 'etl'])}:{letters(chance, 9, BASE62)}{chance.randint(10, 99)}@db{chance.randint(1, 9)}.lindmere.internal:5432/main", replaced(r":[^:@]*@", ":password@", "placeholder"), scores="75 75")
secret("ado_connection", lambda chance: f"Server=sql{chance.randint(2, 40)};Database=stock;User Id=svc;Password={password(chance)}", replaced(r"User Id.*", "Integrated Security=true", "no password"))
secret("password_assign", lambda chance: f"{chance.choice(['password', 'passwd', 'pwd'])}{chance.choice([': ', ' = ', '='])}{password(chance)}", replaced(r"([:=] ?).*", r"\1********", "masked"), scores="65 75", keywords="login for user account svc")
secret("password_zh", lambda chance: f"{chance.choice(['密码', '口令', '登录密码', '初始密码'])}：{password(chance)}", replaced("：.*", "：请向管理员索取", "Chinese value"), scores="75 85", language="zh", keywords="账号 svc_ops|用户名 svc_ops")
secret("crypt_hash", lambda chance: chance.choice([f"$2b$12${letters(chance, 53, BASE62 + './')}", f"$6${letters(chance, 12, BASE62)}${letters(chance, 86, BASE62 + './')}", f"ops{chance.randint(1, 99)}:{chance.randint(1000, 1200)}:{chance.randbytes(16).hex()}:{chance.randbytes(16).hex()}:::"]), SHORT)
secret("bitlocker", lambda chance: "-".join(f"{chance.randint(1000, 65535) * 11:06}" for _ in range(8)), replaced(r"\d{6}$", "720907", "group too large"), scores="85 85", keywords="BitLocker|recovery key")
secret("telegram_bot", lambda chance: f"{digits(chance, 1).replace('0', '7')}{digits(chance, 9)}:AA{letters(chance, 33, URLSAFE)}", replaced(":AA", ":BB", "prefix"))
secret("basic_auth", lambda chance: "Authorization: Basic " + base64.b64encode(f"svc{chance.randint(1, 99)}:{password(chance)}".encode()).decode(), replaced(r"Basic .*", "Bearer short", "bearer"))

# --- files known by their first bytes, health ----------------------------------------------------------------------------------------

kind("file.kdbx", "85 85", "binary", "", lambda chance: chance.choice(["03d9a29a67fb4bb50100", "03d9a29a65fb4bb50300"]) + chance.randbytes(200).hex(), lambda chance, value: ("03d9a29a11223344" + chance.randbytes(60).hex(), "signature"))
kind("file.pkcs12", "85 85", "binary", "", lambda chance: "3082" + chance.randbytes(2).hex() + "02010330" + chance.randbytes(200).hex(), lambda chance, value: ("3082" + chance.randbytes(2).hex() + "02010130", "version 1"))
kind("file.java_keystore", "85 85", "binary", "", lambda chance: chance.choice(["feedfeed", "cececece"]) + "00000002" + chance.randbytes(200).hex(), lambda chance, value: ("cafebabe00000034" + chance.randbytes(40).hex(), "class file"))
kind("health.icd10", "0 75", "zh", "出院诊断|疾病编码|诊断", lambda chance: f"{letters(chance, 1, 'ABCEGIJKMN')}{digits(chance, 2)}.{digits(chance, 1)}", replaced(r"^(.).*", r"\1", "no digits"))
kind("health.mrn", "0 75", "zh", "住院号|病历号|门诊号", shapes("00########", "ZY########"), replaced(r"^(...).*", r"\1", "short"))
SECTIONS = {"zh": ["主诉", "现病史", "既往史", "体格检查", "诊断", "医嘱"], "en": ["Chief complaint", "History of present illness", "Discharge summary", "Medication list", "Allergies"]}
kind("health.terms", "85 85", "zh", "", lambda chance: (s := SECTIONS[chance.choice(["zh", "en"])]) and "\n".join(f"{h}: {chance.randint(2, 40)}" for h in chance.sample(s, 4)), lambda chance, value: (f"诊断: {chance.randint(2, 40)}", "one heading"))


# --- documents -------------------------------------------------------------------------------------------------------------------------

SENTENCE = {"zh": ["经核对，{k}{v}，请存档。", "{k}：{v}。", "登记表所列{k}为{v}（已复核）。", "{k}{v}，由经办人填写。"], "en": ["{k}: {v}", "The form gives {k} {v}, checked twice.", "{k} {v} was entered by hand."],
            "other": ["{k}: {v}", "{k} {v}", "- {k}: {v};"]}
BARE = {"zh": ["相关记录见{v}。", "第二行为{v}，", "（{v}）", "{v}"], "en": ["See {v} for the earlier entry.", "The second line reads {v}.", "({v})", "{v}"], "other": ["{v}", "({v})", "- {v};"]}


def write(chance, name, number):
    """A document about a type. By turns: keyed, in a table, bare, near misses, mixed."""
    entry = KINDS[name]
    language = chance.choice(entry.language.split())
    if language == "binary":
        return binary(chance, name, entry, number)
    draft = Draft(chance, language, wrap=chance.choice([0, 0, 78]))
    base = "zh" if language in ("zh", "zht") else language if language == "en" else "other"
    said = lambda text: bodies.said(text, language)
    key = lambda: chance.choice(entry.keywords)
    form = ["keyed", "table", "bare", "misses", "mixed"][number % 5]
    draft.add(bodies.title(chance, language), "title", bold=True)
    parts = bodies.paragraphs(chance, language, 120)
    for part in parts[:2]:
        draft.add(part)
    if form == "table" and "\n" not in entry.make(chance) and name.split(".")[0] not in ("secret", "health") and key():
        table(draft, name, entry, key())
    elif form == "bare":
        bare(draft, name, entry, base, said)
    else:
        lines(draft, name, entry, form, base, said, key)
    for part in parts[2:]:
        draft.add(part)
    return draft


def line(draft, template, key, value):
    """A sentence with a value; a value of several lines stands alone."""
    several = "\n" in value
    text = template.replace("{k}", key).replace("{v}", value) if not several else value
    draft.add(text, "line" if several or len(text) > 90 else "para")


def lines(draft, name, entry, form, base, said, key):
    """Values and near misses in sentences."""
    chance = draft.chance
    todo = {"keyed": "++", "table": "++", "misses": "---", "mixed": "+-+"}[form]
    for sign in todo:
        value, word = entry.make(chance), key()
        facts = ("identifier", value, {"expect": entry.keyed, "keyword": bool(word)})
        if sign == "-":
            miss = chance.choice(entry.misses)(chance, value)
            if not miss:
                continue
            facts = ("near_miss", miss[0], {"why": miss[1]})
        template = said(chance.choice(SENTENCE[base])) if word else said(chance.choice(BARE[base]))
        line(draft, template, word, draft.plant(facts[0], facts[1], type=name, **facts[2]))


def bare(draft, name, entry, base, said):
    """Values without keyword: weaker, or nothing."""
    for _ in range(2):
        value = entry.make(draft.chance)
        planted = draft.plant("identifier", value, type=name, expect=entry.bare, keyword=False) if entry.bare else draft.plant("near_miss", value, type=name, why="no keyword")
        line(draft, said(draft.chance.choice(BARE[base])), "", planted)


def table(draft, name, entry, word):
    """A table with the keyword at the head of its column."""
    chance = draft.chance
    names = bodies.NAMES.get(draft.language if draft.language != "zht" else "zh", bodies.NAMES["other"])
    head, gap = {"zh": "序号", "zht": "序號"}.get(draft.language, "No."), chance.choice(["\t", " | ", "  "])
    rows = [gap.join([head, "", word])]
    for number in range(chance.randint(4, 12)):
        who = bodies.said(chance.choice(names), draft.language)
        rows.append(gap.join([str(number + 1), who, draft.plant("identifier", entry.make(chance), type=name, expect=entry.keyed, keyword=True)]))
    draft.add("\n".join(rows), "line")


def binary(chance, name, entry, number):
    """A file known by its first bytes."""
    value = entry.make(chance)
    if number % 5 == 3:
        value, why = entry.misses[0](chance, value)
    draft = Draft(chance, "none")
    draft.raw = bytes.fromhex(value)
    draft.raw_rows = {"marking": [], "identifier": [], "near_miss": []}
    place = {"type": name, "page": 1, "text": value[:24], "start": 0}
    draft.raw_rows["near_miss" if number % 5 == 3 else "identifier"].append({**place, **({"why": why} if number % 5 == 3 else {"expect": 85, "keyword": False})})
    return draft
