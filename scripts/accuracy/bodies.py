"""What generated documents say besides their marks: plausible office prose in the languages of the marking rows.

A body never speaks of secrecy, so that every mark in a document is one that was put there. All names and numbers are made up.
"""
import content

NAMES = {
    "zh": ["陈立衡", "周砚秋", "吴承泽", "郑晓岚", "冯若谷", "许敬之", "何嘉树", "沈慕云", "韩知行", "杨以宁", "罗景行", "潘思远"],
    "ja": ["佐伯 亮介", "森川 千尋", "高梨 悠", "白石 葵", "黒田 直人", "三浦 和泉"],
    "ko": ["한도윤", "서지안", "임하준", "오세린", "배윤호", "문채원"],
    "ru": ["Лебедев А. В.", "Соколова Н. П.", "Гуреев И. С.", "Мельникова О. А.", "Тарасов К. Д."],
    "uk": ["Бондаренко О. І.", "Ткачук Л. В.", "Кравець М. С.", "Данилюк Р. П."],
    "he": ["יעל ברקאי", "נדב שלו", "תמר לביא", "אורי כהן"],
    "hi": ["अनिल वर्मा", "सुनीता राव", "राजेश नायर", "कविता मेहता"],
    "other": ["Alma Brandt", "Henrik Sollberg", "Pauline Garnier", "Miriam Castell", "Tomas Wierzba", "Elin Nordahl", "Joris van Dael",
              "Carla Bettini", "Rui Tavares", "Selin Arslan", "Owen Pritchard", "Dorothy Kessler", "Marcus Feldon", "Naomi Ashby"],
}
PLACES = {
    "zh": ["云岭", "青浦河", "临川", "北岸", "石门", "南湖", "东渠", "松江口", "望海", "清远桥"],
    "ja": ["北浜", "青葉台", "大沢", "水原", "白川"], "ko": ["청산", "한빛", "서안", "동하", "남포"],
    "ru": ["Заречье", "Северный узел", "Верхний Яр", "Озёрное"], "uk": ["Заріччя", "Вишневе", "Озерне"],
    "he": ["גבעת אלון", "עמק השקד", "נחל ערבה"], "hi": ["रामनगर", "सूरजपुर", "हरितवन"],
    "other": ["Harwick", "Lindmere", "Aldenau", "Brévilly", "Norvika", "Castelmoro", "Vellinge", "Dunmore", "Ostrava Nord", "Port Hallam"],
}

ZH_TITLES = """关于{c}水库除险加固工程有关事项的通知
关于报送{y}年度设备更新计划的函
关于{c}片区供水管网改造进展情况的报告
关于调整{c}项目领导小组成员的通知
关于{y}年物资储备情况的通报
关于召开{c}专项工作会议的通知
关于{c}铁路支线勘察工作的请示
关于开展{y}年度档案移交工作的意见"""
ZH = """根据年度工作安排，现就有关事项明确如下，请结合实际认真抓好落实。
{c}工程自{y}年开工以来，累计完成投资{n}亿元，占总投资的{q}%。
截至上月底，{c}标段已完成土方开挖{N}立方米，混凝土浇筑进度符合预期。
各单位要指定专人负责，于{d}前将进展情况汇总后报送办公室。
项目由{p}同志牵头，{p}同志负责现场协调，技术组每周召开一次例会。
经核算，本阶段共需设备{n}台（套），其中进口{n}台，国产化率约{q}%。
前期试验共采集样本{N}组，有效数据占{q}%，其余样本因环境因素予以剔除。
会议认为，当前进度总体平稳，但部分材料供应偏紧，应提前制订替代方案。
{c}站点的供电线路已完成改造，备用电源切换时间由{n}秒缩短到{n}秒。
对检查中发现的{n}个问题，责任单位应逐项整改，并于{d}前提交书面说明。
预算调整后，{c}片区的支出规模控制在{N}万元以内，超出部分不予列支。
请财务部门会同工程部门核对台账，确保账实相符、手续齐全。
据监测，汛期最高水位为{n}.{n}米，低于设计水位，坝体位移在允许范围之内。
{p}同志就人员编组、车辆调度和后勤供应作了说明，与会人员进行了讨论。
下一步将重点推进三项工作：一是完善方案，二是落实人员，三是强化督导。
参试单位共{n}家，其中牵头单位{n}家，配套单位{n}家，分布在{n}个地区。
设备运抵{c}后，由接收组开箱清点，双方在交接单上签字。
本次演练历时{n}小时，动用车辆{n}台次，演练结果符合预案要求。
样机在低温条件下连续运行{N}小时，主要指标稳定，未出现停机现象。
各小组应按照分工，做好资料整理、编号和归档工作。
针对{c}方向运力不足的问题，建议增开{n}对列车，并适当延长作业时间。
专家组对方案进行了评审，提出修改建议{n}条，已采纳{n}条。
有关费用由专项资金列支，按进度分{n}批拨付。
{y}年{c}地区粮食库存为{N}吨，较上年同期增长{q}%。
有关单位反映的道路通行问题，由{p}同志负责答复。
该方案经集体研究通过，自印发之日起执行，原有规定与本方案不一致的，以本方案为准。
第二阶段的重点是完成{c}雷达站房的基础施工和设备安装。
调查显示，{q}%的受访单位认为现行流程偏长，希望减少审批环节。
请各部门于{d}前报送参会人员名单，逾期视为不参加。
附件所列数据截至{d}，后续变化情况将另行通报。"""
ZH_END = ["特此通知。", "特此报告。", "妥否，请批示。", "请认真贯彻执行。", "以上情况，请予支持。"]
ZH_ORG = ["云岭省水务厅", "临川市发展和改革委员会", "北岸区应急管理局", "松江口港务集团", "石门工程指挥部", "东渠研究所", "南湖市工业和信息化局"]

EN_TITLES = """Status of the {c} depot relocation
Review of the {y} supply programme
Findings of the {c} site inspection
Proposal for the {c} radar support contract
Staffing plan for the {c} directorate
Results of the {y} field trials
Assessment of transport capacity at {c}
Minutes of the {c} steering group"""
EN = """This note summarises the position as of {d} and asks for a decision on the remaining work packages.
The {c} team has completed {n} of {n} planned inspections and will report the rest before the end of the quarter.
Fuel consumption at {c} fell by {q} per cent after the new generators were installed.
{p} presented the revised schedule and explained why the delivery of spare parts had slipped by {n} weeks.
The contractor offered {N} hours of support, of which {q} per cent have been used so far.
Two vehicles were withdrawn from service after the brake test and are waiting for replacement parts.
The committee asked {p} to prepare a short paper on options for the northern route.
Stock levels were checked on {d}, and {n} discrepancies were found in the electrical stores.
Costs to date amount to {N} thousand, which is within the ceiling agreed in {y}.
The weather station at {c} recorded gusts of {n} knots on {n} days, so lifting work had to be moved to the night shift.
Training for the second group begins in {y} and will take {n} days at the {c} facility.
We recommend that the lease on the {c} warehouse be extended for {n} months.
The software release was installed on {n} workstations; no loss of data has been observed.
Liaison with the host nation continues through the office of {p}.
The survey covered {N} respondents, and {q} per cent of them were satisfied with the present arrangements.
An earlier assessment placed the range of the system at {n} kilometres; recent trials suggest a somewhat shorter distance.
Spectrum measurements made near {c} show activity in {n} bands that had been quiet in {y}.
The board noted the figures and thanked the finance team for their work.
Maintenance of the cooling plant is due after {N} running hours.
If the bridge at {c} remains closed, convoys will need {n} additional hours.
Both parties agreed to exchange draft wording by {d}.
The remaining risk is the availability of trained operators, of whom {n} are needed and {n} are in post.
A follow-up meeting will be held at {c} on {d}.
Sampling was repeated {n} times with consistent results, and the instruments were recalibrated afterwards.
The harbour master reported {n} arrivals and {n} departures during the week.
Negotiations on the unit price are at an advanced stage, and {p} expects to close them within {n} days.
No injuries were reported, and the equipment was back in service after {n} hours.
The proposal would save about {N} thousand a year from {y} onwards.
Comments on the draft should reach {p} not later than {d}.
Annex A lists the affected buildings and Annex B gives the revised drawings."""
EN_END = ["The next report is due on {d}.", "Action is requested by {d}.", "Copies have been placed on file."]
EN_ORG = ["Directorate of Field Support", "Office of Programme Review", "Harwick Logistics Command", "Lindmere Research Establishment",
          "Northern Systems Division", "Dunmore Planning Unit"]

DE = """Der Bericht fasst den Stand vom {d} zusammen und bittet um Entscheidung über die offenen Punkte.
Die Arbeitsgruppe in {c} hat {n} von {n} Prüfungen abgeschlossen.
{p} erläuterte den geänderten Zeitplan und die Gründe für die Verzögerung von {n} Wochen.
Die Kosten belaufen sich bisher auf {N} Tausend Euro und liegen im vereinbarten Rahmen.
Der Verbrauch am Standort {c} sank nach dem Umbau um {q} Prozent.
Für die Ausbildung der zweiten Gruppe sind {n} Tage vorgesehen.
Die Messungen wurden {n} Mal wiederholt und ergaben übereinstimmende Werte.
Zwei Fahrzeuge wurden nach der Bremsprüfung aus dem Verkehr gezogen.
Der Bestand wurde am {d} geprüft; dabei fielen {n} Abweichungen auf.
Die Lieferung der Ersatzteile wird für {y} erwartet.
Mit dem Auftragnehmer wurden {N} Stunden Unterstützung vereinbart.
Die Brücke bei {c} bleibt voraussichtlich bis {y} gesperrt.
Stellungnahmen zum Entwurf sind bis zum {d} an {p} zu richten.
Die nächste Besprechung findet in {c} statt.
Anlage 1 enthält die betroffenen Gebäude, Anlage 2 die geänderten Zeichnungen.
Der Vorschlag würde ab {y} rund {N} Tausend Euro im Jahr sparen."""
FR = """La présente note fait le point au {d} et sollicite une décision sur les travaux restants.
L'équipe de {c} a terminé {n} des {n} inspections prévues.
{p} a présenté le calendrier révisé et expliqué le retard de {n} semaines.
Les dépenses s'élèvent à {N} milliers d'euros et restent dans l'enveloppe convenue.
La consommation du site de {c} a baissé de {q} pour cent après les travaux.
La formation du deuxième groupe durera {n} jours.
Les mesures ont été répétées {n} fois avec des résultats concordants.
Deux véhicules ont été retirés du service après l'essai de freinage.
Le stock a été contrôlé le {d} et {n} écarts ont été relevés.
La livraison des pièces est attendue en {y}.
Le prestataire a fourni {N} heures d'assistance.
Le pont de {c} restera fermé jusqu'en {y}.
Les observations sont à adresser à {p} avant le {d}.
La prochaine réunion se tiendra à {c}.
L'annexe 1 énumère les bâtiments concernés, l'annexe 2 les plans modifiés.
La proposition permettrait d'économiser environ {N} milliers d'euros par an."""
JA = """本書は{d}現在の状況をまとめ、残る作業について判断を求めるものである。
{c}地区では予定した{n}件の点検のうち{n}件を終えた。
{p}から工程の見直しと{n}週間の遅れの理由について説明があった。
これまでの費用は{N}万円で、承認された範囲に収まっている。
改修の結果、{c}庁舎の電力使用量は{q}パーセント減少した。
第二班の研修は{n}日間を予定している。
測定を{n}回繰り返し、同じ結果を得た。
車両二台は制動試験の後に使用を中止した。
{d}に在庫を確認したところ、{n}件の差異が見つかった。
部品の納入は{y}年の見込みである。
意見は{d}までに{p}あて提出されたい。
次回の会議は{c}で開催する。
別紙一に対象施設、別紙二に変更図面を示す。
本案により年間約{N}万円の節減が見込まれる。
港湾事務所によれば、今週の入港は{n}隻、出港は{n}隻であった。"""
KO = """본 문서는 {d} 현재의 추진 상황을 정리하고 남은 업무에 대한 결정을 요청한다.
{c} 지역에서는 예정된 점검 {n}건 중 {n}건을 마쳤다.
{p} 과장이 일정 변경과 {n}주 지연의 이유를 설명하였다.
현재까지의 비용은 {N}만 원으로 승인된 범위 안에 있다.
시설 개선 후 {c} 청사의 전력 사용량은 {q}퍼센트 줄었다.
두 번째 반의 교육은 {n}일 동안 진행한다.
측정을 {n}회 반복하여 같은 결과를 얻었다.
차량 두 대는 제동 시험 이후 운행을 중지하였다.
{d} 재고 확인 결과 {n}건의 차이가 발견되었다.
부품 납품은 {y}년으로 예상된다.
의견은 {d}까지 {p} 담당자에게 제출하기 바란다.
다음 회의는 {c}에서 연다.
붙임 1은 대상 건물, 붙임 2는 변경 도면이다."""
RU = """Настоящая записка подводит итоги на {d} и содержит предложения по оставшимся работам.
На объекте {c} завершено {n} из {n} запланированных проверок.
{p} доложил о новом графике и о причинах задержки на {n} недель.
Расходы составили {N} тысяч рублей и не превышают утверждённой сметы.
После ремонта потребление энергии на объекте {c} снизилось на {q} процентов.
Обучение второй группы займёт {n} дней.
Измерения повторены {n} раз с одинаковым результатом.
Две машины сняты с линии после проверки тормозов.
Проверка склада {d} выявила {n} расхождений.
Поставка запасных частей ожидается в {y} году.
Замечания следует направить до {d}.
Следующее совещание пройдёт в посёлке {c}.
В приложении 1 перечислены здания, в приложении 2 даны чертежи.
Предложение позволит сберечь около {N} тысяч рублей в год."""
UK = """Ця записка підбиває підсумки на {d} і містить пропозиції щодо решти робіт.
На об'єкті {c} завершено {n} із {n} запланованих перевірок.
{p} доповів про новий графік і причини затримки на {n} тижнів.
Витрати становлять {N} тисяч гривень і не перевищують кошторису.
Після ремонту споживання енергії на об'єкті {c} зменшилося на {q} відсотків.
Навчання другої групи триватиме {n} днів.
Вимірювання повторено {n} разів з однаковим результатом.
Дві машини зняті з лінії після перевірки гальм.
Перевірка складу {d} виявила {n} розбіжностей.
Постачання запасних частин очікується у {y} році.
Зауваження слід надіслати до {d}.
Наступна нарада відбудеться в селищі {c}."""
ES = """Esta nota resume la situación a {d} y pide una decisión sobre los trabajos restantes.
El equipo de {c} ha terminado {n} de las {n} inspecciones previstas.
{p} presentó el calendario revisado y explicó el retraso de {n} semanas.
Los gastos ascienden a {N} miles de euros y están dentro del límite acordado.
El consumo de la sede de {c} bajó un {q} por ciento tras las obras.
La formación del segundo grupo durará {n} días.
Las mediciones se repitieron {n} veces con resultados iguales.
Dos vehículos fueron retirados tras la prueba de frenos.
El inventario se revisó el {d} y se hallaron {n} diferencias.
La entrega de repuestos se espera para {y}.
Las observaciones deben llegar a {p} antes del {d}.
La próxima reunión será en {c}."""
IT = """La presente nota riassume la situazione al {d} e chiede una decisione sui lavori rimanenti.
La squadra di {c} ha concluso {n} delle {n} ispezioni previste.
{p} ha illustrato il nuovo calendario e il ritardo di {n} settimane.
Le spese ammontano a {N} migliaia di euro e rientrano nel limite concordato.
I consumi della sede di {c} sono scesi del {q} per cento dopo i lavori.
La formazione del secondo gruppo durerà {n} giorni.
Le misure sono state ripetute {n} volte con risultati uguali.
Due veicoli sono stati ritirati dopo la prova dei freni.
Il magazzino è stato controllato il {d} e sono emerse {n} differenze.
La consegna dei ricambi è attesa nel {y}.
Le osservazioni vanno inviate a {p} entro il {d}.
La prossima riunione si terrà a {c}."""
PT = """Esta nota resume a situação em {d} e pede uma decisão sobre os trabalhos restantes.
A equipe de {c} concluiu {n} das {n} inspeções previstas.
{p} apresentou o novo calendário e explicou o atraso de {n} semanas.
As despesas somam {N} mil reais e estão dentro do limite aprovado.
O consumo da sede de {c} caiu {q} por cento depois das obras.
A formação do segundo grupo vai durar {n} dias.
As medições foram repetidas {n} vezes com resultados iguais.
Dois veículos foram retirados após o teste de freios.
O estoque foi conferido em {d} e houve {n} diferenças.
A entrega das peças é esperada para {y}.
As observações devem chegar a {p} até {d}.
A próxima reunião será em {c}."""
PL = """Niniejsza notatka przedstawia stan na dzień {d} i zawiera prośbę o decyzję w sprawie pozostałych prac.
Zespół w {c} zakończył {n} z {n} planowanych kontroli.
{p} przedstawił nowy harmonogram i wyjaśnił opóźnienie o {n} tygodni.
Koszty wynoszą {N} tysięcy złotych i mieszczą się w uzgodnionym limicie.
Zużycie energii w {c} spadło o {q} procent po remoncie.
Szkolenie drugiej grupy potrwa {n} dni.
Pomiary powtórzono {n} razy z takim samym wynikiem.
Dwa pojazdy wycofano po próbie hamulców.
Magazyn sprawdzono {d} i znaleziono {n} różnic.
Dostawa części jest spodziewana w roku {y}.
Uwagi należy przesłać do {d}.
Następne spotkanie odbędzie się w {c}."""
NL = """Deze nota vat de stand op {d} samen en vraagt een besluit over het resterende werk.
De ploeg in {c} heeft {n} van de {n} geplande controles afgerond.
{p} lichtte het nieuwe schema toe en verklaarde de vertraging van {n} weken.
De kosten bedragen {N} duizend euro en blijven binnen het afgesproken plafond.
Het verbruik in {c} daalde na de verbouwing met {q} procent.
De opleiding van de tweede groep duurt {n} dagen.
De metingen zijn {n} keer herhaald met gelijke uitkomsten.
Twee voertuigen zijn na de remproef uit dienst genomen.
De voorraad is op {d} geteld en er waren {n} verschillen.
De levering van onderdelen wordt in {y} verwacht.
Opmerkingen moeten voor {d} bij {p} zijn.
De volgende vergadering is in {c}."""
SV = """Denna promemoria sammanfattar läget den {d} och begär beslut om återstående arbeten.
Gruppen i {c} har avslutat {n} av {n} planerade kontroller.
{p} redogjorde för den nya tidplanen och förseningen på {n} veckor.
Kostnaderna uppgår till {N} tusen kronor och ryms inom ramen.
Förbrukningen i {c} minskade med {q} procent efter ombyggnaden.
Utbildningen av den andra gruppen tar {n} dagar.
Mätningarna upprepades {n} gånger med samma resultat.
Två fordon togs ur bruk efter bromsprovet.
Lagret kontrollerades den {d} och {n} avvikelser hittades.
Leveransen av reservdelar väntas {y}.
Synpunkter ska lämnas till {p} före den {d}.
Nästa möte hålls i {c}."""
NO = """Dette notatet oppsummerer stillingen per {d} og ber om en beslutning om gjenstående arbeid.
Gruppen i {c} har fullført {n} av {n} planlagte kontroller.
{p} la fram den nye tidsplanen og forklarte forsinkelsen på {n} uker.
Kostnadene er på {N} tusen kroner og ligger innenfor rammen.
Forbruket i {c} falt med {q} prosent etter ombyggingen.
Opplæringen av den andre gruppen tar {n} dager.
Målingene ble gjentatt {n} ganger med samme resultat.
To kjøretøy ble tatt ut av drift etter bremseprøven.
Lageret ble kontrollert {d}, og {n} avvik ble funnet.
Leveringen av deler ventes i {y}.
Merknader sendes til {p} innen {d}.
Neste møte holdes i {c}."""
DA = """Dette notat sammenfatter status pr. {d} og beder om en beslutning om det resterende arbejde.
Gruppen i {c} har afsluttet {n} af {n} planlagte eftersyn.
{p} fremlagde den nye tidsplan og forklarede forsinkelsen på {n} uger.
Udgifterne udgør {N} tusind kroner og holder sig inden for rammen.
Forbruget i {c} faldt med {q} procent efter ombygningen.
Uddannelsen af det andet hold varer {n} dage.
Målingerne blev gentaget {n} gange med samme resultat.
To køretøjer blev taget ud af drift efter bremseprøven.
Lageret blev gennemgået {d}, og der var {n} afvigelser.
Levering af reservedele ventes i {y}.
Bemærkninger sendes til {p} senest {d}.
Næste møde holdes i {c}."""
FI = """Tämä muistio kokoaa tilanteen {d} ja pyytää päätöstä jäljellä olevista töistä.
Ryhmä on {c}-kohteessa tehnyt {n} suunnitellusta {n} tarkastuksesta.
{p} esitteli uuden aikataulun ja selitti {n} viikon viivästyksen.
Kustannukset ovat {N} tuhatta euroa ja pysyvät sovitussa kehyksessä.
Kulutus laski {q} prosenttia remontin jälkeen.
Toisen ryhmän koulutus kestää {n} päivää.
Mittaukset toistettiin {n} kertaa samalla tuloksella.
Kaksi ajoneuvoa poistettiin käytöstä jarrukokeen jälkeen.
Varasto tarkastettiin {d}, ja eroja löytyi {n}.
Varaosien toimitusta odotetaan vuonna {y}.
Huomautukset lähetetään {p}lle {d} mennessä."""
TR = """Bu not {d} itibarıyla durumu özetler ve kalan işler için karar ister.
{c} ekibi planlanan {n} denetimden {n} tanesini tamamladı.
{p} yeni takvimi sundu ve {n} haftalık gecikmenin nedenini açıkladı.
Harcamalar {N} bin lira olup kararlaştırılan sınırın içindedir.
Onarımdan sonra {c} tesisinin tüketimi yüzde {q} azaldı.
İkinci grubun eğitimi {n} gün sürecek.
Ölçümler {n} kez yinelendi ve aynı sonuç alındı.
İki araç fren denemesinden sonra hizmetten çekildi.
Depo {d} günü sayıldı ve {n} fark bulundu.
Parçaların {y} yılında gelmesi bekleniyor.
Görüşler {d} tarihine kadar iletilmelidir.
Gelecek toplantı {c} binasında yapılacak."""
VI = """Báo cáo này tóm tắt tình hình đến ngày {d} và đề nghị quyết định về các công việc còn lại.
Tổ công tác tại {c} đã hoàn thành {n} trong số {n} lần kiểm tra theo kế hoạch.
{p} trình bày tiến độ mới và giải thích lý do chậm {n} tuần.
Chi phí đến nay là {N} triệu đồng, nằm trong mức đã duyệt.
Mức tiêu thụ điện tại {c} giảm {q} phần trăm sau khi sửa chữa.
Khóa huấn luyện cho nhóm thứ hai kéo dài {n} ngày.
Phép đo được lặp lại {n} lần với cùng kết quả.
Hai xe đã ngừng sử dụng sau khi thử phanh.
Kho được kiểm tra ngày {d}, phát hiện {n} sai lệch.
Phụ tùng dự kiến được giao trong năm {y}.
Ý kiến góp ý gửi trước ngày {d}.
Cuộc họp tiếp theo tổ chức tại {c}."""
HE = """מסמך זה מסכם את המצב נכון ליום {d} ומבקש החלטה לגבי העבודות שנותרו.
הצוות באתר {c} השלים {n} מתוך {n} הביקורות המתוכננות.
{p} הציג את לוח הזמנים החדש והסביר את העיכוב של {n} שבועות.
ההוצאות הסתכמו ב-{N} אלפי שקלים והן בתחום המסגרת שאושרה.
צריכת החשמל באתר {c} ירדה ב-{q} אחוזים לאחר השיפוץ.
הכשרת הקבוצה השנייה תימשך {n} ימים.
המדידות חזרו על עצמן {n} פעמים עם אותה תוצאה.
שני כלי רכב הוצאו משירות לאחר בדיקת הבלמים.
המלאי נבדק ביום {d} ונמצאו {n} הפרשים.
אספקת החלפים צפויה בשנת {y}.
הישיבה הבאה תתקיים באתר {c}."""
HI = """यह टिप्पणी {d} की स्थिति बताती है और शेष कार्यों पर निर्णय चाहती है।
{c} के दल ने {n} में से {n} निरीक्षण पूरे कर लिए हैं।
{p} ने नई समय-सारणी प्रस्तुत की और {n} सप्ताह की देरी का कारण बताया।
अब तक का व्यय {N} हजार रुपये है और स्वीकृत सीमा में है।
मरम्मत के बाद {c} भवन की बिजली खपत {q} प्रतिशत घटी।
दूसरे समूह का प्रशिक्षण {n} दिन चलेगा।
माप {n} बार दोहराए गए और परिणाम समान रहे।
ब्रेक जाँच के बाद दो वाहन सेवा से हटाए गए।
भंडार की जाँच {d} को हुई और {n} अंतर मिले।
पुर्जों की आपूर्ति {y} में अपेक्षित है।
अगली बैठक {c} में होगी।"""
SENTENCES = {"zh": ZH, "en": EN, "de": DE, "fr": FR, "ja": JA, "ko": KO, "ru": RU, "uk": UK, "es": ES, "it": IT, "pt": PT, "pl": PL,
             "nl": NL, "sv": SV, "no": NO, "da": DA, "fi": FI, "tr": TR, "vi": VI, "he": HE, "hi": HI}
SENTENCES = {language: text.splitlines() for language, text in SENTENCES.items()}
TITLES = {
    "zh": ZH_TITLES.splitlines(), "en": EN_TITLES.splitlines(), "de": ["Sachstand {c} {y}", "Bericht über die Prüfungen in {c}"],
    "fr": ["Point de situation {c} {y}", "Compte rendu des inspections de {c}"], "ja": ["{c}地区整備事業の進捗について", "{y}年度装備更新計画の報告"],
    "ko": ["{c} 지역 정비 사업 추진 상황", "{y}년도 장비 교체 계획 보고"], "ru": ["О ходе работ на объекте {c}", "Отчёт за {y} год"],
    "uk": ["Про хід робіт на об'єкті {c}", "Звіт за {y} рік"], "es": ["Situación de {c} en {y}"], "it": ["Situazione di {c} nel {y}"],
    "pt": ["Situação de {c} em {y}"], "pl": ["Stan prac w {c}, rok {y}"], "nl": ["Stand van zaken {c} {y}"], "sv": ["Läget i {c} {y}"],
    "no": ["Status for {c} {y}"], "da": ["Status for {c} {y}"], "fi": ["Tilannekatsaus {y}"], "tr": ["{c} durum raporu {y}"],
    "vi": ["Báo cáo tình hình {c} năm {y}"], "he": ["דוח מצב {c} לשנת {y}"], "hi": ["{c} स्थिति रिपोर्ट {y}"],
}
CLOSE = {"zh": "", "ja": "", "zht": ""}


def date(chance, language, last=2027):
    """A day of the recent past or near future, as the language writes it."""
    year, month, day = chance.randint(2019, last), chance.randint(1, 12), chance.randint(1, 28)
    months = "January February March April May June July August September October November December".split()
    if language in ("zh", "zht", "ja"):
        return f"{year}年{month}月{day}日"
    return {"en": f"{day} {months[month - 1]} {year}", "ko": f"{year}년 {month}월 {day}일", "de": f"{day:02}.{month:02}.{year}"}.get(
        language, f"{day:02}.{month:02}.{year}" if language in ("ru", "uk", "pl", "no", "fi", "tr", "he") else f"{day:02}/{month:02}/{year}")


def said(text, language):
    """A text in traditional characters where the language wants them."""
    return content.to_traditional(text) if language == "zht" else text


def fill(chance, template, language, **more):
    """A template with every slot filled afresh."""
    base = "zh" if language == "zht" else language
    slots = {"n": lambda: str(chance.randint(2, 96)), "N": lambda: f"{chance.randint(2, 89)}{chance.randint(10, 99)}0", "q": lambda: str(chance.randint(3, 88)),
             "y": lambda: str(chance.randint(2019, 2027)), "d": lambda: date(chance, base), "p": lambda: chance.choice(NAMES.get(base, NAMES["other"])),
             "c": lambda: chance.choice(PLACES.get(base, PLACES["other"]))}
    parts, rest = [], template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        value = more[name] if name in more else slots[name]()
        parts += [before, value() if callable(value) else value]
    return said("".join(parts) + rest, language)


def title(chance, language):
    """A title."""
    return fill(chance, chance.choice(TITLES["zh" if language == "zht" else language]), language)


def paragraphs(chance, language, words=None):
    """Paragraphs of 150 to 400 words together (Han text: 300 to 800 characters)."""
    base = "zh" if language == "zht" else language
    pool, glue = SENTENCES[base], CLOSE.get(language, " ")
    wanted = words or chance.randint(160, 380)
    result, count, order = [[]], 0, []
    while count < wanted:
        order = order or chance.sample(pool, len(pool))
        sentence = fill(chance, order.pop(), language)
        count += len(sentence) / 2 if base in ("zh", "ja") else len(sentence.split())
        if len(result[-1]) >= chance.randint(2, 5):
            result.append([])
        result[-1].append(sentence)
    return [glue.join(each) for each in result]
