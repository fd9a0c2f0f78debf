import resource, time
from tests.context.api.test_large_batches import batch, turn_of, longest_turn, asyncio, open_broker
from tests.context.api.test_large_batches import large
def rss():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmRSS")).split()[1])//1024
async def test_d4(database, tmp_path):
    async with open_broker(database) as b, await b.administrator(tmp_path) as asker:
        await turn_of(asker, batch(10, "first"))
        for ents, attrs in ((1700,1000),(99,1000),(4000,20)):
            body = b"["+b",".join(b'{"id":"urn:x:%d","type":"T",'%i + b",".join(b'"a%d":1'%j for j in range(attrs))+b"}" for i in range(ents))+b"]"
            before=rss(); done=asyncio.Event(); t=asyncio.create_task(longest_turn(done)); began=time.perf_counter()
            a=await asker.post("/entityOperations/upsert",content=body,headers={"Content-Type":"application/json"},timeout=600)
            took=time.perf_counter()-began; done.set(); longest=await t
            print(ents,attrs,len(body),a.status_code,a.text[:150],f"{took:.2f}s turn {longest:.3f} rss {before} -> {rss()} max {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024}")
