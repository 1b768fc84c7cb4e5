-- Digests, HMACs, RSA key pairs and their signatures, from the libcrypto that nginx is linked with.

local ffi = require "ffi"

ffi.cdef [[
typedef struct evp_md_st EVP_MD;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
typedef struct bio_st BIO;
typedef struct bio_method_st BIO_METHOD;
const EVP_MD *EVP_md5(void);
const EVP_MD *EVP_sha1(void);
const EVP_MD *EVP_sha256(void);
const EVP_MD *EVP_sha512(void);
unsigned char *HMAC(const EVP_MD *md, const void *key, int key_length,
  const unsigned char *data, size_t length, unsigned char *out, unsigned int *out_length);
unsigned char *SHA256(const unsigned char *data, size_t length, unsigned char *out);
EVP_PKEY_CTX *EVP_PKEY_CTX_new_id(int id, void *engine);
int EVP_PKEY_keygen_init(EVP_PKEY_CTX *context);
int EVP_PKEY_CTX_ctrl(EVP_PKEY_CTX *context, int type, int operation, int command, int p1,
  void *p2);
int EVP_PKEY_keygen(EVP_PKEY_CTX *context, EVP_PKEY **key);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *context);
void EVP_PKEY_free(EVP_PKEY *key);
const BIO_METHOD *BIO_s_mem(void);
BIO *BIO_new(const BIO_METHOD *method);
int BIO_read(BIO *bio, void *data, int length);
int BIO_free(BIO *bio);
int PEM_write_bio_PUBKEY(BIO *bio, EVP_PKEY *key);
int PEM_write_bio_PrivateKey(BIO *bio, EVP_PKEY *key, const void *cipher, unsigned char *password,
  int length, void *callback, void *context);
typedef struct evp_md_ctx_st EVP_MD_CTX;
BIO *BIO_new_mem_buf(const void *data, int length);
EVP_PKEY *PEM_read_bio_PUBKEY(BIO *bio, EVP_PKEY **key, void *callback, void *context);
EVP_MD_CTX *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(EVP_MD_CTX *context);
int EVP_DigestVerifyInit(EVP_MD_CTX *context, EVP_PKEY_CTX **key_context, const EVP_MD *md,
  void *engine, EVP_PKEY *key);
int EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t length,
  const unsigned char *data, size_t data_length);
void ERR_clear_error(void);
]]

local crypto = {}

local RSA, KEYGEN, SET_BITS = 6, 4, 0x1003
local LONGEST_PEM = 8192

local digests = {
  md5 = ffi.C.EVP_md5, sha1 = ffi.C.EVP_sha1, sha256 = ffi.C.EVP_sha256, sha512 = ffi.C.EVP_sha512,
}

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

--- HMAC as bytes; `digest` is md5, sha1, sha256 or sha512.
function crypto.hmac_bytes(digest, key, message)
  local out, length = ffi.new "unsigned char[64]", ffi.new "unsigned int[1]"
  ffi.C.HMAC(digests[digest](), key, #key, message, #message, out, length)
  return ffi.string(out, length[0])
end

--- HMAC in lower-case hex.
function crypto.hmac(digest, key, message)
  return hex(crypto.hmac_bytes(digest, key, message))
end

--- SHA-256 in lower-case hex.
function crypto.sha256(message)
  local out = ffi.new "unsigned char[32]"
  ffi.C.SHA256(message, #message, out)
  return hex(ffi.string(out, 32))
end

local function pem(write, key)
  local bio = ffi.C.BIO_new(ffi.C.BIO_s_mem())
  local buffer = ffi.new("char[?]", LONGEST_PEM)
  write(bio, key)
  local length = ffi.C.BIO_read(bio, buffer, LONGEST_PEM)
  ffi.C.BIO_free(bio)
  return ffi.string(buffer, length)
end

local function write_private(bio, key)
  return ffi.C.PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil)
end

--- A new RSA pair as PEM: public, private.
function crypto.key_pair(bits)
  local context = ffi.C.EVP_PKEY_CTX_new_id(RSA, nil)
  ffi.C.EVP_PKEY_keygen_init(context)
  ffi.C.EVP_PKEY_CTX_ctrl(context, RSA, KEYGEN, SET_BITS, bits, nil)
  local key = ffi.new "EVP_PKEY *[1]"
  assert(ffi.C.EVP_PKEY_keygen(context, key) == 1)
  local public = pem(ffi.C.PEM_write_bio_PUBKEY, key[0])
  local private = pem(write_private, key[0])
  ffi.C.EVP_PKEY_free(key[0])
  ffi.C.EVP_PKEY_CTX_free(context)
  return public, private
end

--- Whether a text was signed (RS256) with the private key that belongs to a public one in PEM.
function crypto.is_signed(public, text, signature)
  local bio = ffi.C.BIO_new_mem_buf(public, #public)
  local key = ffi.C.PEM_read_bio_PUBKEY(bio, nil, nil, nil)
  ffi.C.BIO_free(bio)
  local good = false
  if key ~= nil then
    local context = ffi.C.EVP_MD_CTX_new()
    good = ffi.C.EVP_DigestVerifyInit(context, nil, digests.sha256(), nil, key) == 1
      and ffi.C.EVP_DigestVerify(context, signature, #signature, text, #text) == 1
    ffi.C.EVP_MD_CTX_free(context)
    ffi.C.EVP_PKEY_free(key)
  end
  ffi.C.ERR_clear_error() -- or nginx takes it for one of its own connections'
  return good
end

return crypto
