import subprocess,sys,os
os.chdir('/tmp/h/d')
F='src/lua/pass/'+sys.argv[1]; spec=sys.argv[2]
orig=open(F).read()
muts=eval(open(sys.argv[3]).read())
try:
  for name,a,b in muts:
    if a not in orig: print("??",name); continue
    open(F,'w').write(orig.replace(a,b,1))
    r=subprocess.run("cmake --build build --target core_5.4 2>&1 | grep -E 'error' | head -3; /tmp/h/sp %s | head -6"%spec,shell=True,capture_output=True,text=True,errors='replace')
    lines=[l[:150] for l in r.stdout.split('\n') if 'Failure' in l or 'ok (' in l or 'error' in l or 'ok ' in l[:4]]
    print('==',name,lines[:3],flush=True)
finally:
  open(F,'w').write(orig)
