import tests.flows.imap_client as ic
orig=ic.Client.cmd
async def cmd(self,text,*l):
    a=await orig(self,text,*l)
    print(id(self)%10000,text[:90],'->',a.status,a.code,[x[:110] for x in a.lines if b'FLAGS' not in x[:6] and b'PERMANENT' not in x and b'LIST' not in x][:12])
    return a
ic.Client.cmd=cmd
from tests.jmap_server.test_sync_histories import *
