"""Hard negatives: documents that speak of secrecy, or use its words, and carry no marking.

Ten families, each with its own templates in Chinese and English; every slot is filled afresh. Two families are no plain level 0:
examination papers are level 1 (`cn.exam`), and a declassified document keeps a lowered level for review.
"""
import bodies
from draft import Draft

LAW = """第{n}条　国家秘密的密级分为绝密、机密、秘密三级。绝密级国家秘密是最重要的国家秘密。
第{n}条　机关、单位对所产生的国家秘密事项，应当按照国家秘密及其密级的具体范围的规定确定密级。
第{n}条　国家秘密的保密期限，除另有规定外，绝密级不超过三十年，机密级不超过二十年，秘密级不超过十年。
第{n}条　侵犯商业秘密，给权利人造成重大损失的，处三年以下有期徒刑或者拘役。
第{n}条　属于国家秘密的文件、资料，应当依照规定作出国家秘密标志。
第{n}条　本法所称商业秘密，是指不为公众所知悉、具有商业价值并经权利人采取相应保密措施的技术信息、经营信息。
第{n}条　涉密人员脱离涉密岗位必须经过保密教育培训。
第{n}条　国家建立数据分类分级保护制度，关系国家安全的数据属于国家核心数据，实行更加严格的管理制度。
第{n}条　重要数据的处理者应当明确数据安全负责人和管理机构。
第{n}条　任何组织和个人不得非法获取、持有国家秘密载体。
第{n}条　机关、单位应当对工作秘密采取必要的保护措施。
第{n}条　泄露国家秘密，有下列情形之一的，应当从重处罚：（一）出卖绝密级文件的；（二）造成严重后果的。
第{n}条　定密责任人在职责范围内承担国家秘密的确定、变更和解除工作。
第{n}条　不属于国家秘密的，不应当做出国家秘密标志。
第{n}条　依申请公开的政府信息，行政机关应当自收到申请之日起二十个工作日内答复。

§ {n} Information may be classified at one of three levels: Top Secret, Secret and Confidential.
Section {n}. A person who discloses restricted data without authority commits an offence.
({n}) "Secret" shall be applied to information the unauthorised disclosure of which could cause serious damage.
Article {n}. The originator shall decide whether EU classified information may be downgraded or declassified.
{n}. The term "trade secret" means all forms of business information, provided the owner has taken reasonable measures.
Sec. {n}. Confidential information shall be kept confidential by the supervisory authority.
Rule {n}. Documents filed under this rule are public unless the court orders otherwise.
§ {n}. Classified information shall be marked at the top and bottom of each page.
Section {n}. Nothing in this Act requires the disclosure of trade secrets or confidential commercial information.
Article {n}. Member States shall protect the confidentiality of statistical data.
{n}. The Official Secrets Act applies to crown servants and government contractors.
Sec. {n}. The Secretary shall publish the list of protected areas in the official journal.
Regulation {n}. A ballot shall be secret, and no officer shall attempt to learn how a person has voted.
§ {n} The marking RESTRICTED used before {y} is equivalent to the new level.
Article {n}. Controlled unclassified information requires safeguarding under law or government-wide policy."""
NEWS = """据新华社{c}{d}电　国家安全机关近日破获一起窃取国家秘密案件，犯罪嫌疑人已被依法逮捕。
记者从{c}市保密局获悉，今年以来共查处泄密案件{n}起。
{d}，{c}法院公开审理一起侵犯商业秘密案，被告人当庭认罪。
专家提醒，不要在朋友圈晒工作中接触到的机密文件。
这份解密档案首次披露了{y}年的谈判经过。
该公司否认泄露核心数据，称重要数据库未受影响。
双方的秘密会谈持续了{n}个小时，外界对此知之甚少。
候选人以无记名投票方式产生，秘密投票结果当场公布。
一名前雇员因出售公司机密被判处有期徒刑{n}个月。
{c}警方展示了缴获的标有“绝密”字样的假文件。
发言人表示，不评论涉及情报的问题，也不会透露机密信息。
本报讯　《保守国家秘密法》修订草案{d}公开征求意见。
研究团队揭开了{c}古城消失的秘密。
外媒称，该国曾秘密部署{n}套导弹系统。
记者{p}报道：市民的秘密菜园成了网红打卡点。

{c}, {d} - Prosecutors said the former officer had copied more than {n} secret documents.
The ministry declined to comment on the contents of the top secret memo.
A confidential source told the paper that talks would resume on {d}.
The leaked file, marked SECRET, describes a meeting held in {y}.
Lawmakers called for the report to be declassified before the vote.
The court heard that trade secrets worth {n} million had been stolen.
The Secret Service said it was looking into {n} incidents near the venue.
A spokeswoman said the restricted area would stay closed until {d}.
He kept the secret for {n} years, his widow told reporters.
The union held a secret ballot, and {q} per cent voted in favour.
Officials confirmed that the document was classified as "Top Secret" when it was written.
The bank apologised after confidential customer letters were found in a bin.
Critics say the government over-classifies: {n} per cent of its papers carry a secret stamp.
The actor revealed the secret to his long marriage.
NATO ministers met in {c}; the agenda was not public."""
TRAINING = """保密知识竞赛第{n}题：国家秘密的密级分为几级？
A. 绝密、机密、秘密　　B. 机密、秘密、内部　　C. 绝密、秘密、公开
判断题：机密级文件可以通过普通邮政寄送。（　　）
培训要点{n}：什么是工作秘密？它与国家秘密有什么区别？
案例{n}：某单位干部将秘密级文件扫描后发到微信群，受到党纪处分。
单项选择：绝密级国家秘密的保密期限一般不超过（　　）年。
练习：请指出下列标志中哪一个写法正确，如“机密★10年”。
课件第{n}页　常见错误：把商业秘密标注为国家秘密标志。
思考题：涉密人员离岗后的脱密期如何确定？
答案：B。解析：秘密级国家秘密的保密期限不超过十年。
保密教育培训班日程：{d}上午，讲解定密工作；下午，参观警示教育展。
填空题：国家秘密标志的形式为“密级★________”。
本次保密培训共有{n}人参加，考试合格率为{q}%。
提示：手机不得带入涉密场所，这是保密工作的基本要求。
多选题：下列哪些属于泄露国家秘密的行为？

Slide {n}: What do the levels Confidential, Secret and Top Secret mean?
Question {n}. Which marking goes at the top and bottom of a page? (a) SECRET (b) DRAFT (c) COPY
Exercise: rewrite the banner so that NOFORN comes after the compartment.
Learning objective {n}: recognise controlled unclassified information.
Quiz: Is a document marked OFFICIAL-SENSITIVE allowed on a shared drive?
Example of a portion mark: (S//NF) stands before a paragraph that is secret and not releasable.
This sample page is UNCLASSIFIED for training purposes; classification markings are notional.
True or false: confidential waste may go into the blue bin.
Instructor note {n}: ask who has handled restricted papers before.
The course explains how to mark, store and destroy classified material.
Case study {n}: an employee mailed a secret file to a private address.
Remember: when in doubt, ask the security officer.
Answer {n}: b. The word SECRET must be spelled out in the banner.
Module {n} covers derivative classification and lasts {n} minutes.
Revision card: TLP:AMBER means limited sharing, TLP:GREEN means the community."""
FORMS = """密级：
密级：______　保密期限：______
密级：□绝密　□机密　□秘密　□非密
秘密等级：________
密级（绝密/机密/秘密/内部）：
文件密级：（请选择）
定密责任人：________　定密依据：________
保密期限：　　年　　月
知悉范围：________________
是否涉密：是□　否□
密级：无
密级：公开
资料名称　份数　密级　编号　借阅人　归还日期
涉密载体销毁审批表（空白）
密　级：＿＿＿＿　紧急程度：＿＿＿＿

Classification: ______
Classification: [ ] Top Secret [ ] Secret [ ] Confidential [ ] Unclassified
Security marking (delete as appropriate): OFFICIAL / OFFICIAL-SENSITIVE / SECRET
Sensitivity: ____________
Confidential? [ ] yes [ ] no
Classified by: ____________   Declassify on: ____________
Marking: <enter marking here>
Document classification (choose one):
Distribution statement: ____ (A to F)
Overall classification of this form when filled in: ________
TLP: ____
Security classification: none
Reason for classification: ______________________
Is this request confidential? Please tick.
Copy number: ____ of ____"""
EXAM = """考试时间{n}分钟，满分150分。请将姓名、考号填写在答题卡指定位置。
下列各组词语中，没有错别字的一组是（　　）。
已知某工程队{n}天可完成全部任务的{q}%，求完成任务所需的天数。
阅读下面的材料，根据要求写一篇不少于800字的文章。
如图所示，小球从高{n}米处由静止落下，不计空气阻力，求落地时的速度。
实验小组测得该溶液的浓度为{q}%，请说明误差的来源。
解答应写出文字说明、证明过程或演算步骤。
选择题每小题选出答案后，用铅笔把答题卡上对应题目的答案标号涂黑。
请考生在第{n}题、第{n}题中任选一题作答。
考生必须保持答题卡整洁，不要折叠。
下列关于{y}年经济数据的说法，正确的是（　　）。
若函数在区间内单调递增，求实数的取值范围。
根据图文材料，概括{c}地区农业发展的有利条件。
将下列句子翻译成现代汉语。
写出该反应的离子方程式，并指出氧化剂。
某同学设计了如图所示的电路，电源电动势为{n}伏。
简述{y}年前后东南沿海城市化的特点。
补写出下列句子中的空缺部分。
试卷分为选择题和非选择题两部分，共{n}页。
考试结束后，将本试卷和答题卡一并交回。
口语考试中，考生有{n}秒准备时间。
已知圆的半径为{n}，求弦长的最大值。
从{n}名同学中选出3人，共有多少种选法？
简答：为什么高原地区昼夜温差大？
根据所给提纲写一封建议信，词数100左右。

Read the passage and choose the best answer to question {n}.
Fill in the blanks with the proper form of the words given.
Listen to the dialogue and answer questions {n} to {n}.
Write a letter of about 100 words to your friend in {c}.
Translate the underlined sentences into Chinese.
How many people attended the fair? A. {n} B. {n} C. {n}"""
DISCLAIMER = """本邮件及其附件含有{o}的保密信息，仅限于发送给上面地址中列出的个人或群组。
本邮件可能包含机密信息，如您不是指定收件人，请立即删除并通知发件人。
如您误收本邮件，请勿复制、转发或以其他方式使用其内容。
此邮件内容仅供收件人参考，未经许可不得向第三方披露。
保密声明：本电子邮件仅供指定收件人使用，可能含有保密信息。
发件人对本邮件传输中的错误不承担责任，请自行查毒。
您收到此邮件是因为您订阅了{c}社区简报，如需退订请点击链接。
本传真含有保密内容，若误收请致电发送方。
请考虑环境，非必要不打印本邮件。
任何未经授权的使用、散发或复制均属违法。
本邮件内容不构成要约，以正式合同为准。
收件人应对邮件内容承担保密义务。
附件为{d}会议材料，请查收。
{p}您好：附上更新后的名单，谢谢。
此致　{p}　{o}综合部

This e-mail and any attachments are confidential and intended solely for the addressee.
If you are not the intended recipient, please notify the sender and delete this message.
CONFIDENTIALITY NOTICE: the contents of this email message may be legally privileged and confidential.
This communication may contain privileged information; any review by others is prohibited.
The information in this transmission is confidential and may not be disclosed without consent.
If you have received this message in error, please destroy all copies.
Please treat this message as confidential and do not forward it.
Views expressed in this email are those of the sender and not of {o}.
This message is intended only for the use of the individual to whom it is addressed.
E-mails are not secure and cannot be guaranteed to be error free.
Unauthorised use, disclosure or copying of this communication is strictly prohibited.
Registered office: 12 Quay Street, {c}. A company of the {o} group.
Hi {p}, the minutes are attached; see you on {d}.
Please consider the environment before printing this email.
The sender accepts no liability for loss caused by software viruses."""
PRODUCTS = """《机密档案》第{n}季定于{d}上线，主演{p}出席发布会。
电影《绝密飞行》上映{n}天，票房突破{n}亿元。
秘密花园餐厅推出新菜单，人均{N}元。
本店招牌卤味的秘密配方传承了{n}年。
《绝密跟踪》重映，观众评分{n}分。
小说《秘密》连载至第{n}章，读者留言踊跃。
“大内密探”主题密室逃脱，适合{n}人参与。
美白的秘密：坚持使用{n}天，肌肤焕然一新。
《机密图书馆》桌游新版发售，限量{N}套。
妈妈的秘密厨房：红烧肉要先焯水{n}分钟。
长寿老人分享健康的秘密：早睡早起。
绝密档案剧本杀门店在{c}开业。
儿童绘本《我的秘密基地》荣获大奖。
维多利亚的秘密{y}年新品八折起。
纪录片《秘密森林》走进{c}的原始林区。

The secret ingredient of our {c} chili is a spoon of dark cocoa.
Top secret recipe: mix {n} grams of butter with brown sugar.
Victoria's Secret opens a new store in {c} on {d}.
Our best-kept secret is the garden behind the hotel.
Secret Santa gifts under {n} dollars.
Grandma's secret sauce took first prize at the {c} fair.
The Secret Garden, a musical in two acts, runs until {d}.
Top Secret! is a comedy that still works after {n} years.
L.A. Confidential will be shown in the original version.
The secret of good bread is time: let it rest for {n} hours.
Restricted stock units vest over {n} months.
Secret Island is a family game for {n} to {n} players.
Deodorant "Secret", pack of {n}, now {q} per cent off.
Kitchen Confidential is still in print after {y}.
The chef shares trade secrets of the {c} kitchen."""
DECLASSIFIED = """该档案已于{d}解密，现予公布。
经审查，本件不再属于国家秘密，自{d}起解除。
本馆开放解密档案{n}卷，查阅须持有效证件。
原件已解密，复印件供研究使用。
解密审查意见：同意解密。审查人：{p}。
依据档案开放规定，形成满三十年的档案向社会开放。
本件系{y}年形成，经解密审核后开放。
开放档案目录第{n}号。
数字化副本，供阅览室使用。
移交清册载明解密时间为{d}。
该件原由{c}指挥部形成，共{n}页。
经原定密单位确认，保密期限已满并已解密。
解密后公开，引用请注明出处。
内容涉及{c}水利建设的历史经过。
档案馆工作人员{p}复核。

Declassified by authority of the review board on {d}.
Approved for release {d}.
Sanitized copy approved for release; exemptions applied on {n} lines.
This document was downgraded to unclassified on {d}.
Declassified in full, case number {n}-{n}.
Released under the Freedom of Information Act, {y}.
Cleared for public release by the review office on {d}.
Reproduced at the national archives, box {n}, folder {n}.
The banner has been struck through by the reviewer.
Review completed by {p} on {d}; no further exemptions.
Historical records collection, item {n} of {n}.
The memorandum describes talks held at {c} in 1962.
Pages {n} to {n} were withheld at first and released on appeal.
The original was typed in {n} copies.
See the finding aid for related cables."""
SOFTWARE = """{d} 10:{t}:{t} INFO  request id={u} order=20{n}{N}{n} took {n} ms
kubectl create secret generic db-credentials --from-env-file=.env
SECRET_KEY = os.environ["APP_SECRET_KEY"]
kind: Secret  # the operator mounts it as a volume
The client_secret is read from the vault and never logged.
sha256: {h}{h}
commit {g} Merge branch 'release/{n}.{n}'
version {n}.{n}.{n}.{n} replaced {n}.{n}.{n}.{n}
ERROR tracking number {N}{N}{N} not found in table shipments
secrets: enable-encryption: true, rotation-days: {n}
def get_secret(name): return vault.read(name)
private: true, public: false, protected: main
build #{N}{n} finished in {n}m{t}s, artifact {g}.tar.gz
Invoice no. {N}{N}, article {N}-{n}, batch {N}{N}{n}
password: ${DB_PASSWORD} is expanded at start
port {N} is restricted to the internal network
class SecretManager implements Closeable
WARN token <redacted> expired, retry {n} of {n}
uuid={u} parent={u}
Confidential computing protects data in use on these nodes.
protected void onCreate() calls super first

订单号：{N}{N}{N}{n}，物流单号：SF{N}{N}{N}
机密计算节点已启用，加密内存占用{q}%。
密钥管理服务每{n}天轮换一次主密钥。
版本号：V{n}.{n}.{n}，构建编号{N}{N}。
接口返回码{n}，请检查 client_secret 配置项是否为空。
日志级别：INFO，请求编号：{u}
流水号{N}{N}{N}{N}处理成功，耗时{n}毫秒。
请在配置中心填写数据库密码，勿写入代码。
商品条码：69{N}{N}{n}，库存{n}件。
加密模块支持国密算法，性能提升{q}%。"""
NOVEL = """他把这个秘密藏在心底整整{n}年，从未对人说起。
“这是我们之间的秘密。”她小声说。
两人秘密地来到{c}，谁也没有惊动。
老人笑了笑：“成功没有什么秘密，只有坚持。”
抽屉里放着一封写着“机密”的旧信，封口早已发黄。
小雨：你别告诉别人，这可是绝密哦[笑]
阿哲：行，我保守秘密，晚上{n}点老地方见
她的日记本上了锁，里面全是少女的秘密。
侦探推开门，发现桌上的机密文件不见了。
群主：今晚的惊喜保密，谁说出去谁请客
那条秘密通道通向{c}的后山。
“你知道得太多了。”黑衣人冷冷地说。
孩子们在树上搭了一个秘密基地。
{p}叹了口气，把真相和盘托出。
夜色里，密探悄悄翻过了院墙。

She had kept her secret for {n} years, and now it did not matter.
"Can you keep a secret?" he whispered.
The envelope was stamped SECRET, but it held only a pressed flower.
mia: omg it's top secret!! don't tell anyone
ben: haha my lips are sealed, see you at {n}
The detective smiled; there were no secrets in {c}.
"This is strictly confidential," said the aunt, and told everyone.
A secret door led to the garden.
He spoke in a confidential tone, as if the walls had ears.
leo: classified info, can't say lol
The agent closed the file marked Confidential and lit a match.
They met in secret on the bridge at {c}.
Her secretary brought tea and the morning post.
"Restricted?" the boy read aloud from the rusty sign.
zoe: it's an open secret, everyone in class knows"""
FAMILIES = {"law": LAW, "news": NEWS, "training": TRAINING, "form": FORMS, "exam": EXAM, "disclaimer": DISCLAIMER, "product": PRODUCTS, "declassified": DECLASSIFIED,
            "software": SOFTWARE, "novel": NOVEL}
TITLES = {
    "law": ["{c}保守国家秘密管理办法", "Information Protection Act {y}"], "news": ["{c}日报　{d}", "The {c} Courier, {d}"], "training": ["保密知识培训课件（{y}年）", "Security awareness course, unit {n}"],
    "form": ["文件借阅登记表", "Document registration form"], "exam": ["{y}年普通高等学校招生全国统一考试\n语文试题", "{y}年初中学业水平考试\n英语试题"], "disclaimer": ["主题：会议安排", "Subject: minutes of {d}"],
    "product": ["{c}周末生活指南", "Weekend in {c}"], "declassified": ["{c}工程往来文书", "Memorandum for the record"], "software": ["运行说明", "Operations notes {y}"], "novel": ["第{n}章　{c}", "Chapter {n}"],
}


def han(text):
    """How many Chinese characters a text has."""
    return sum("一" <= c <= "鿿" for c in text)


def templates(family):
    """The templates of a family by language."""
    first, second = FAMILIES[family].split("\n\n")
    chinese = max(first, second, key=han)
    return {"zh" if block is chinese else "en": block.splitlines() for block in (first, second)}


def filled(chance, template, language):
    """A template with the slots of this module."""
    hexa = lambda count: "".join(chance.choice("0123456789abcdef") for _ in range(count))
    return bodies.fill(chance, template.replace("${", "$\ue010"), language, o=lambda: chance.choice(bodies.ZH_ORG if language == "zh" else ["Lindmere", "Norvika", "Aldenau"]), t=lambda: f"{chance.randint(10, 59)}",
                       u=lambda: "-".join(map(hexa, (8, 4, 4, 4, 12))), h=lambda: hexa(32), g=lambda: hexa(40)).replace("\ue010", "{")


def drafted(chance, family, number):
    """A document of a family. Answers it, its level, and other levels that pass."""
    language = "zh" if number % 2 == 0 else "en"
    said = templates(family)[language]
    draft = Draft(chance, language, wrap=chance.choice([0, 0, 74]))
    level, also = 0, []
    if family == "exam":
        draft.language, level = "zh", 1
        draft.add(draft.mark("cn.exam", 1, chance.choice(["绝密★启用前", "机密★启用前", "绝密★考试结束前", "绝密 ★ 启用前"])), "line", zone="head", bold=True)
    if family == "declassified":
        level, also = struck(draft, language)
    # A paper that is still to be sat is none of the family: its mark holds.
    title = TITLES[family][number % 2].replace("{y}", str(chance.randint(2012, 2025))) if family == "exam" else TITLES[family][number % 2]
    draft.add(filled(chance, title, language), "title", bold=True)
    count = {"form": 7, "software": 14, "exam": 14}.get(family, chance.randint(5, 9))
    lines = [filled(chance, template, language) for template in chance.sample(said, min(count, len(said)))]
    if family == "exam":
        lines = ["本试卷共%d页，考试结束后将答题卡交回。" % chance.randint(4, 10)] + lines
    neutral = bodies.paragraphs(chance, language, 120) if family not in ("form", "exam", "novel", "software") else []
    for line in mixed(chance, lines, neutral, family):
        draft.add(line, "line" if family in ("form", "software") else "para")
    return draft, level, also


def mixed(chance, lines, neutral, family):
    """The lines of the family among neutral prose; a disclaimer stands at the end."""
    if family == "disclaimer":
        return neutral + lines
    result = list(lines)
    for part in neutral:
        result.insert(chance.randint(0, len(result)), part)
    return result


def struck(draft, language):
    """An old mark with the stamp that ends it. Plain text cannot show the stroke, so the level is lowered, not lost."""
    chance = draft.chance
    if language == "zh":
        native, row = chance.choice([("机密", "secret"), ("秘密", "confidential")])
        draft.add(draft.plant("marking", f"{native}★{chance.choice([3, 8, 15])}年", id=f"cn.state.{row}.full", level=3, struck=True), "line", zone="head")
        draft.add(draft.mark("cn.state.declass", 1, "已解密"), "stamp", zone="head", red=True)
        return 1, [0, 2]
    native, row = chance.choice([("SECRET", "us.s.bare"), ("CONFIDENTIAL", "us.c.bare"), ("SECRET//NOFORN", "us.s.banner")])
    draft.add(draft.plant("marking", native, id=row, level=3, struck=True), "line", "centre", "head")
    draft.add(f"DECLASSIFIED {bodies.date(chance, 'en', 2025)}", "stamp", "centre", "head", red=True)
    return 2, [0, 1]
