#!/usr/bin/env python3
"""78 kinds of real-life damage. usage: damage.py list | damage.py apply CASE DEST
DEST is a copy of a store made by `mkstore.sh -S DEST` (base) or `mkstore.sh -S -o DEST` (base-opt: cases whose third column says so).
What real Nix and NixStore do with each: docs/DAMAGE.md"""
import os, sys, sqlite3, shutil, subprocess, stat, time
S='/nix/store'
def load():
    """what is in the store directory and, for damage after damage, what has a row"""
    if len(sys.argv)<=3: return None
    names=set(os.listdir(os.path.join(sys.argv[3],'nix/store')))
    try:
        c=sqlite3.connect('file:%s/nix/var/nix/db/db.sqlite?immutable=1'%sys.argv[3],uri=True); names|={os.path.basename(x) for x, in c.execute('select path from ValidPaths')}; c.close()
    except sqlite3.Error: pass
    return sorted(names)
NAMES=load()
def P(suffix, n=0):
    """basename of the store path that ends in -suffix"""
    if NAMES is None: return suffix
    m=[x for x in NAMES if x[33:]==suffix]; m.sort()
    return m[n]
class C:
    def __init__(s,d): s.d=d; s.st=d+'/nix/store'; s.dbdir=d+'/nix/var/nix/db'; s.db=s.dbdir+'/db.sqlite'
    def p(s,b,*r): return os.path.join(s.st,b,*r)
    def rm(s,b):
        q=s.p(b); subprocess.check_call(['chmod','-R','u+w',q]) if not os.path.islink(q) else None
        shutil.rmtree(q) if os.path.isdir(q) and not os.path.islink(q) else os.unlink(q)
    def w(s,f,data=None,fn=None):
        """overwrite file in place, keep mode+mtime (as disk corruption does)"""
        stt=os.lstat(f); os.chmod(f,0o644); b=open(f,'rb').read() if fn else None
        with open(f,'r+b') as h:
            nb=fn(b) if fn else data
            h.truncate(0); h.write(nb)
        os.chmod(f,stat.S_IMODE(stt.st_mode)); os.utime(f,(stt.st_atime,stt.st_mtime))
    def dirw(s,d):
        stt=os.lstat(d); os.chmod(d,0o755); return stt
    def dirr(s,d,stt): os.chmod(d,stat.S_IMODE(stt.st_mode)); os.utime(d,(stt.st_atime,stt.st_mtime))
    def sql(s,*q,fk=False):
        c=sqlite3.connect(s.db,isolation_level=None); c.execute('pragma foreign_keys=%d'%fk)
        for x in q: c.execute(*x) if isinstance(x,tuple) else c.execute(x)
        c.close()
def flip(b,off=None):
    b=bytearray(b); o=len(b)//2 if off is None else off; b[o]^=0x10; return bytes(b)
lib3=P('libfoo3-1.3'); lib0=P('libfoo0-1.0'); src=P('lab-src'); app=P('app-2.0'); drv3=P('libfoo3-1.3.drv')
gtop=P('garbage-top'); garb=P('garbage'); env3=P('env-3'); big=P('bigfile'); single=P('single-file.sh'); lic=P('LICENSE')
doc3=P('libfoo3-1.3-doc'); weird=P('weird-names'); dev3=P('libfoo3-1.3-dev'); app1=P('app-1.0'); flat=P('fod-flat.txt'); plain=P('plain3.txt')
duplicate=P('dup-a'); appdrv=P('app-2.0.drv')
CASES={}
def case(name,path,base='base',desc=''):
    def f(fn): CASES[name]=(fn,path,base,desc or (fn.__doc__ or '')); return fn
    return f
# (a)
@case('a1-missing-output-with-referrers',lib3)
def _(c): "output path gone, valid referrers, .drv present"; c.rm(lib3)
@case('a2-missing-source-with-referrers',src)
def _(c): "source path (no deriver) gone, valid referrers"; c.rm(src)
@case('a3-missing-drv-with-referrers',drv3)
def _(c): ".drv file gone; other .drvs refer to it; outputs valid"; c.rm(drv3)
@case('a4-missing-output-and-its-drv',lib3)
def _(c): "output and its .drv both gone"; c.rm(lib3); c.rm(drv3)
@case('a5-many-missing-chain',lib0)
def _(c): "lib0..lib3 (a chain) all gone, later ones refer to them"; [c.rm(P('libfoo%d-1.%d'%(i,i))) for i in range(4)]
# (b)
@case('b1-missing-no-referrers',gtop)
def _(c): "garbage-top gone, nothing refers to it"; c.rm(gtop)
@case('b2-missing-but-profile-root',env3)
def _(c): "current profile generation's path gone (no referrer but a GC root)"; c.rm(env3)
@case('b3-missing-with-all-referrers',garb)
def _(c): "garbage and its only referrer garbage-top both gone"; c.rm(garb); c.rm(gtop)
@case('b4-empty-store-not-mounted',lib3)
def _(c):
    "whole /nix/store is empty (volume not mounted) but DB present"
    subprocess.check_call(['chmod','-R','u+w',c.st]); shutil.rmtree(c.st); os.mkdir(c.st)
# (c)
@case('c1-zero-length-file',lib3)
def _(c): "a file in an output truncated to 0 bytes (ext4 after power loss)"; c.w(c.p(lib3,'lib/libfoo.so.1.0'),b'')
@case('c2-bit-flip',lib3)
def _(c): "one bit flipped, same size/mtime"; c.w(c.p(lib3,'lib/libfoo.so.1.0'),fn=flip)
@case('c3-zeroed-file',lib3)
def _(c): "file full of NULs of the same size (XFS/ext4 delayed alloc)"; c.w(c.p(lib3,'lib/libfoo.so.1.0'),fn=lambda b:b'\0'*len(b))
@case('c4-zero-length-drv',drv3)
def _(c): ".drv truncated to 0 bytes"; c.w(c.p(drv3),b'')
@case('c5-half-drv',drv3)
def _(c): ".drv cut in the middle"; c.w(c.p(drv3),fn=lambda b:b[:len(b)//2])
@case('c6-zero-length-source',lic)
def _(c): "top-level source text file truncated to 0"; c.w(c.p(lic),b'')
@case('c7-fixed-output-flip',flat)
def _(c): "fixed-output (flat) file modified"; c.w(c.p(flat),fn=flip)
@case('c8-garbage-bitflip',garb)
def _(c): "dead path modified"; c.w(c.p(garb,'ref'),fn=flip)
@case('c9-source-dir-flip',src)
def _(c): "file in source dir modified (no deriver)"; c.w(c.p(src,'main.c'),fn=flip)
# (d)
@case('d1-symlink-missing',lib3)
def _(c): "symlink missing inside path"; d=c.p(lib3,'lib'); st=c.dirw(d); os.unlink(d+'/libfoo.so'); c.dirr(d,st)
@case('d2-extra-file',lib3)
def _(c): "additional file inside path"; d=c.p(lib3,'lib'); st=c.dirw(d); open(d+'/__pycache__','w').write('x'); c.dirr(d,st)
@case('d3-symlink-retargeted',lib3)
def _(c): "symlink target changed"; d=c.p(lib3,'lib'); st=c.dirw(d); os.unlink(d+'/libfoo.so'); os.symlink('other',d+'/libfoo.so'); c.dirr(d,st)
@case('d4-empty-dir',lib3)
def _(c): "all contents of the path gone, directory left empty"; d=c.p(lib3); st=c.dirw(d); subprocess.call(['chmod','-R','u+w',d]); shutil.rmtree(d+'/lib'); c.dirr(d,st)
@case('d5-dir-became-file',lib3)
def _(c): "directory replaced by an empty regular file"; c.rm(lib3); open(c.p(lib3),'w').close(); os.chmod(c.p(lib3),0o444); os.utime(c.p(lib3),(1,1))
@case('d6-fifo-inside',lib3)
def _(c): "unsupported file type (fifo) inside path"; d=c.p(lib3,'lib'); st=c.dirw(d); os.mkfifo(d+'/pipe'); c.dirr(d,st)
# (e)
@case('e1-on-disk-not-in-db','xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'.replace('x','a')+'-orphan')
def _(c): "valid-looking path on disk, no DB row"; d=c.p('a'*32+'-orphan'); os.makedirs(d+'/bin'); open(d+'/bin/x','w').write('x'); os.chmod(d,0o555)
@case('e2-junk-name','junk file.tmp')
def _(c): "junk names in the store dir"; open(c.p('junk file.tmp'),'w').write('x'); os.mkdir(c.p('lost+found')); os.mkdir(c.p('.snapshots')); open(c.p('.nfs000'),'w').close()
@case('e3-row-missing-no-referrer',gtop)
def _(c): "DB row of a dead path missing (clean delete), path on disk"; c.sql(("delete from ValidPaths where path=?",(S+'/'+gtop,)),fk=True)
@case('e4-immutable-orphan','a'*32+'-immutable')
def _(c):
    "orphan with chattr +i file"
    d=c.p('a'*32+'-immutable'); os.makedirs(d); open(d+'/f','w').write('x'); subprocess.call(['chattr','+i',d+'/f'])
# (f)
@case('f1-row-missing-referrers-exist',lib3)
def _(c): "ValidPaths row deleted with foreign_keys off; Refs rows of it remain; path still on disk"; c.sql(("delete from ValidPaths where path=?",(S+'/'+lib3,)))
@case('f2-row-and-path-missing-referrers-exist',lib3)
def _(c): "as f1 and the path is gone from disk too"; c.sql(("delete from ValidPaths where path=?",(S+'/'+lib3,))); c.rm(lib3)
@case('f3-drv-row-missing',drv3)
def _(c): "row of a .drv deleted with fk off (DerivationOutputs dangling)"; c.sql(("delete from ValidPaths where path=?",(S+'/'+drv3,)))
# (g)
@case('g1-dangling-refs-referrer',lib3)
def _(c): "Refs row whose referrer id does not exist (blocks deletion of its reference)"; c.sql(("insert into Refs select 999999,id from ValidPaths where path=?",(S+'/'+gtop,)),("insert into Refs select 999999,id from ValidPaths where path=?",(S+'/'+lib3,)))
@case('g2-dangling-refs-reference',gtop)
def _(c): "Refs row whose reference id does not exist"; c.sql(("insert into Refs select id,999999 from ValidPaths where path=?",(S+'/'+gtop,)),("insert into Refs select id,999999 from ValidPaths where path=?",(S+'/'+app,)))
@case('g3-missing-refs-row',app)
def _(c): "Refs rows of a live path missing (app -> libfoo7): GC would delete a needed path"; c.sql(("delete from Refs where referrer=(select id from ValidPaths where path=?)",(S+'/'+app,)))
@case('g4-cycle',lib0)
def _(c): "Reference cycle lib0 <-> lib3"; c.sql(("insert or ignore into Refs select a.id,b.id from ValidPaths a, ValidPaths b where a.path=? and b.path=?",(S+'/'+lib0,S+'/'+lib3)))
@case('g5-bad-path-row',lib3)
def _(c): "DB row whose path is not a store path"; c.sql("insert into ValidPaths(path,hash,registrationTime) values('/nix/store/foo','sha256:0000',1)")
@case('g6-bad-hash-row',app)
def _(c): "hash column damaged"; c.sql(("update ValidPaths set hash='sha256:zz' where path=?",(S+'/'+app,)))
@case('g7-null-hash-size',app)
def _(c): "hash all zero and narSize NULL (old store)"; c.sql(("update ValidPaths set hash='sha256:%s', narSize=NULL where path=?"%('0'*64),(S+'/'+app,)))
@case('g8-bad-sigs',app)
def _(c): "sigs column damaged"; c.sql(("update ValidPaths set sigs='garbage' where path=?",(S+'/'+app,)))
@case('g9-bad-deriver',app)
def _(c): "deriver column damaged"; c.sql(("update ValidPaths set deriver='/nix/store/x' where path=?",(S+'/'+app,)))
@case('g10-wrong-narsize',app)
def _(c): "narSize wrong"; c.sql(("update ValidPaths set narSize=narSize+8 where path=?",(S+'/'+app,)))
@case('g11-wrong-hash',app)
def _(c): "hash in the DB wrong, contents right"; c.sql(("update ValidPaths set hash='sha256:%s' where path=?"%('ab'*32),(S+'/'+app,)))
@case('g12-bad-ca',flat)
def _(c): "ca column damaged"; c.sql(("update ValidPaths set ca='fixed:sha999:zz' where path=?",(S+'/'+flat,)))
# (h)
def pages(c):
    con=sqlite3.connect(c.db); r=con.execute("select name,rootpage from sqlite_master where rootpage>0").fetchall(); ps=con.execute('pragma page_size').fetchone()[0]; n=con.execute('pragma page_count').fetchone()[0]; con.close(); return dict(r),ps,n
def leaf(c,name,idx=1):
    r=subprocess.run(['python3','-c','''
import sqlite3,sys
'''],capture_output=True)
    return None
@case('h1-page-zeroed',lib3)
def _(c):
    "one b-tree leaf page of ValidPaths zeroed"
    d,ps,n=pages(c); root=d['ValidPaths']
    b=bytearray(open(c.db,'rb').read()); o=(root-1)*ps
    # interior page (type 5): first cell's left child; else the root itself
    if b[o]==5:
        off=int.from_bytes(b[o+12:o+14],'big'); child=int.from_bytes(b[o+off:o+off+4],'big')
    else: child=root
    b[(child-1)*ps:child*ps]=bytes(ps); open(c.db,'wb').write(b)
@case('h2-header-destroyed',lib3)
def _(c): "first 4 KiB of db.sqlite are NULs"; b=bytearray(open(c.db,'rb').read()); b[:4096]=bytes(4096); open(c.db,'wb').write(b)
@case('h3-db-truncated',lib3)
def _(c): "db.sqlite cut to half"; os.truncate(c.db,os.path.getsize(c.db)//2//4096*4096)
@case('h4-db-zero-length',lib3)
def _(c): "db.sqlite is 0 bytes"; os.truncate(c.db,0)
@case('h5-db-missing',lib3)
def _(c): "db.sqlite missing, schema file present"; os.unlink(c.db); [os.path.exists(c.db+s) and os.unlink(c.db+s) for s in('-wal','-shm')]
@case('h6-db-dir-missing',lib3)
def _(c): "whole db directory missing (store full)"; shutil.rmtree(c.dbdir)
@case('h7-index-entry-missing',lib3)
def _(c):
    "index sqlite_autoindex_ValidPaths_1 lost a leaf (root page emptied): rows exist but lookups by path fail"
    d,ps,n=pages(c); root=d['sqlite_autoindex_ValidPaths_1']; b=bytearray(open(c.db,'rb').read()); o=(root-1)*ps
    # make it an empty leaf index page
    b[o:o+ps]=bytes(ps); b[o]=10; b[o+5:o+7]=(ps if ps<65536 else 0).to_bytes(2,'big'); open(c.db,'wb').write(b)
@case('h8-wal-leftover-committed',lib3)
def _(c):
    "crash left a -wal with committed but not checkpointed transactions (normal recovery)"
    code='''
import sqlite3,os,sys,signal
c=sqlite3.connect(sys.argv[1],isolation_level=None); c.execute("pragma journal_mode=wal"); c.execute("pragma wal_autocheckpoint=0")
c.execute("update ValidPaths set registrationTime=registrationTime+1"); os.kill(os.getpid(),9)'''
    subprocess.call(['python3','-c',code,c.db])
@case('h9-wal-torn',lib3)
def _(c):
    "as h8 but the last WAL frames are torn (half written)"
    CASES['h8-wal-leftover-committed'][0](c); f=c.db+'-wal'; os.truncate(f,os.path.getsize(f)*2//3+100)
@case('h10-wal-lost',lib3)
def _(c):
    "transactions in the WAL lost (-wal deleted): paths registered in WAL are on disk but unknown"
    code='''
import sqlite3,os,sys
c=sqlite3.connect(sys.argv[1],isolation_level=None); c.execute("pragma journal_mode=wal"); c.execute("pragma wal_autocheckpoint=0")
os.kill(os.getpid(),9)'''
    c.sql(("delete from ValidPaths where path=?",(S+'/'+gtop,)),fk=True); os.path.exists(c.db+'-wal') and os.unlink(c.db+'-wal')
@case('h11-schema-missing',lib3)
def _(c): "db/schema missing"; os.unlink(c.dbdir+'/schema')
@case('h12-schema-garbage',lib3)
def _(c): "db/schema is empty (zero length after crash)"; open(c.dbdir+'/schema','w').close()
@case('h13-schema-newer',lib3)
def _(c): "db/schema says 11"; open(c.dbdir+'/schema','w').write('11')
@case('h14-refs-page-zeroed',lib3)
def _(c):
    "root page of table Refs zeroed"
    d,ps,n=pages(c); root=d['Refs']; b=bytearray(open(c.db,'rb').read()); b[(root-1)*ps:root*ps]=bytes(ps); open(c.db,'wb').write(b)
# (i)
def linkof(c,f):
    ino=os.lstat(f).st_ino
    for l in os.listdir(c.p('.links')):
        if os.lstat(c.p('.links',l)).st_ino==ino: return c.p('.links',l)
@case('i1-links-bitflip-shared',duplicate,'base-opt')
def _(c): "optimised store: bit flip in an inode shared by .links and 3 paths (dup-a/b/c)"; c.w(c.p(duplicate,'blob'),fn=flip)
@case('i2-links-zero-length-shared',lib3,'base-opt')
def _(c): "optimised store: libfoo's shared inode (LICENSE, shared by 8 doc outputs and the source) is 0 bytes"; c.w(c.p(lic),b'')
@case('i3-links-wrong-name',lib3,'base-opt')
def _(c): "a .links entry whose name is not the hash of its contents"; open(c.p('.links','0'*52),'w').write('zzz'); os.chmod(c.p('.links','0'*52),0o444)
@case('i4-links-dir-missing',lib3,'base-opt')
def _(c): ".links directory missing"; shutil.rmtree(c.p('.links'))
@case('i5-links-fifo',lib3,'base-opt')
def _(c): "unsupported file type / junk inside .links"; os.mkfifo(c.p('.links','junkpipe'))
@case('i6-links-repaired-then-optimise',duplicate,'base-opt')
def _(c):
    "corrupt .links entry no longer shared by any path (path was replaced by a good copy), same size"
    good=open(c.p(duplicate,'blob'),'rb').read()
    for n in('dup-a','dup-b','dup-c'):
        d=c.p(P(n)); st=c.dirw(d); os.unlink(d+'/blob'); open(d+'/blob','wb').write(good); os.chmod(d+'/blob',0o444); os.utime(d+'/blob',(1,1)); c.dirr(d,st)
    for l in os.listdir(c.p('.links')):
        f=c.p('.links',l)
        if os.path.isfile(f) and not os.path.islink(f) and os.lstat(f).st_nlink==1 and os.path.getsize(f)==len(good): c.w(f,fn=flip)
# (j)
@case('j1-writable-files',lib3)
def _(c): "files/dirs made writable (0644/0755)"; subprocess.check_call(['chmod','-R','u+w',c.p(lib3)])
@case('j2-mtime',lib3)
def _(c): "mtime not 1"; subprocess.check_call(['find',c.p(lib3),'-exec','touch','-h','{}',';'])
@case('j3-exec-bit-lost',lib3)
def _(c): "executable bit lost"; os.chmod(c.p(lib3,'lib/libfoo.so.1.0'),0o444)
@case('j4-owner',lib3)
def _(c): "owned by another user"; subprocess.check_call(['chown','-R','nobody',c.p(lib3)])
@case('j5-xattr',lib3)
def _(c): "user xattr on a file"; f=c.p(lib3,'lib/libfoo.so.1.0'); m=os.lstat(f).st_mode; os.chmod(f,0o755); os.setxattr(f,'user.x',b'1'); os.chmod(f,stat.S_IMODE(m))
@case('j6-mode-000',lib3)
def _(c): "file mode 000 (root can still read)"; os.chmod(c.p(lib3,'lib/libfoo.so.1.0'),0)
@case('j7-immutable-dead',garb)
def _(c): "dead path contains an immutable (chattr +i) file: unlink fails with EPERM"; subprocess.call(['chattr','+i',c.p(garb,'ref')])
# (k)
@case('k1-stale-lock',lib3)
def _(c): "stale .lock files of dead builds"; open(c.p(lib3+'.lock'),'w').close(); open(c.p('b'*32+'-gone.lock'),'w').close()
@case('k2-chroot-leftover',lib3)
def _(c): ".drv.chroot and .drv.check-like leftovers"; d=c.p(P('libfoo3-1.3.drv')+'.chroot'); os.makedirs(d+'/root/nix/store/'+lib3); d2=c.p('c'*32+'-gone.drv.chroot'); os.makedirs(d2+'/root'); os.makedirs(c.p(lib3+'.check'))
@case('k3-tmp-dirs','tmp-1234-1')
def _(c): "tmp-PID-N dirs, .tmp-link-*, nix-*.tmp left by a killed nix"; os.makedirs(c.p('tmp-1234-1')+'/x'); os.makedirs(c.p('tmp-4242-7')); open(c.p('.tmp-link-1234-99'),'w').close(); os.link(c.p(lic),c.p('.tmp-link-77-88'))
@case('k4-stale-temproots',lib3)
def _(c): "stale temproots of dead pids and a hidden file, and one with a non-numeric name"; os.makedirs(c.d+'/nix/var/nix/temproots',exist_ok=True); open(c.d+'/nix/var/nix/temproots/999999','wb').write((S+'/'+gtop+'\0').encode()); open(c.d+'/nix/var/nix/temproots/.keep','w').close()
@case('k5-temproots-nonnumeric',lib3)
def _(c): "non-numeric file name in temproots"; open(c.d+'/nix/var/nix/temproots/foo','w').close()
@case('k6-gc-socket-leftover',lib3)
def _(c):
    "gc-socket/socket left over from a killed GC"
    import socket; os.makedirs(c.d+'/nix/var/nix/gc-socket'); os.chdir(c.d+'/nix/var/nix/gc-socket'); s=socket.socket(socket.AF_UNIX); s.bind('socket'); s.close()
@case('k7-move-leftover',lib3)
def _(c): "leftovers of an interrupted repair: X.old-PID-RAND / X.tmp"; os.rename(c.p(lib3),c.p(lib3+'.old-123-456')) ; os.makedirs(c.p(lib3+'.tmp-123-456'))
@case('k8-roots-broken',lib3)
def _(c):
    "gcroots: loop symlinks, dangling root into store, root to invalid path, root via second indirection"
    g=c.d+'/nix/var/nix/gcroots'; os.symlink('loop2',g+'/loop1'); os.symlink('loop1',g+'/loop2'); os.symlink(S+'/'+'a'*32+'-nothere',g+'/inv'); os.symlink(S+'/'+gtop+'/ref',g+'/sub'); os.symlink('/nix/store',g+'/storedir'); open(g+'/'+garb,'w').close()
if __name__=='__main__':
    if sys.argv[1]=='list':
        for k,(f,p,b,d) in CASES.items(): print('%s\t%s\t%s\t%s'%(k,p,b,d))
    else:
        f,p,b,d=CASES[sys.argv[2]]; f(C(sys.argv[3]))
